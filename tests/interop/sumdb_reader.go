// SPDX-License-Identifier: Apache-2.0

// Reads a log as Go's checksum database client does: with sumdb's own note and tlog packages, none of our code.
// Usage: reader FOLDER VKEY OLD_CHECKPOINT_FILE INDEX... ; prints one line for each thing that held, or fails.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	folder, vkey, old, indices := os.Args[1], os.Args[2], os.Args[3], os.Args[4:]
	verifier := must(note.NewVerifier(vkey))
	newTree := open(get(folder, "checkpoint"), verifier)
	oldTree := open(must(os.ReadFile(old)), verifier)
	tiles := &tiles{folder: folder}
	hashes := tlog.TileHashReader(newTree, tiles)
	for _, text := range indices {
		checkRecord(must(strconv.ParseInt(text, 10, 64)), newTree, hashes, folder)
	}
	proof := must(tlog.ProveTree(newTree.N, oldTree.N, hashes))
	check(tlog.CheckTree(proof, newTree.N, newTree.Hash, oldTree.N, oldTree.Hash))
	fmt.Printf("tree %d -> %d holds, %d tiles authenticated\n", oldTree.N, newTree.N, tiles.saved)
}

// open is what tlog.ParseTree does, for a checkpoint whose first line is the log's own name.
func open(text []byte, verifier note.Verifier) tlog.Tree {
	opened := must(note.Open(text, note.VerifierList(verifier)))
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		check(fmt.Errorf("not a checkpoint of %s: %q", verifier.Name(), opened.Text))
	}
	return tlog.Tree{N: must(strconv.ParseInt(lines[1], 10, 64)), Hash: must(tlog.ParseHash(lines[2]))}
}

func checkRecord(index int64, tree tlog.Tree, hashes tlog.HashReader, folder string) {
	entry := entries(folder, index, tree.N)[index%256]
	proof := must(tlog.ProveRecord(tree.N, index, hashes))
	check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)))
	fmt.Printf("record %d holds: %d bytes\n", index, len(entry))
}

// entries reads a whole bundle of C2SP tlog-tiles, named as the tile of the hashes above it.
func entries(folder string, index, size int64) [][]byte {
	bundle := tlog.Tile{H: height, L: 0, N: index / 256, W: 256}
	if left := size - bundle.N*256; left < 256 {
		bundle.W = int(left)
	}
	data := get(folder, "tile/entries/"+strings.TrimPrefix(bundle.Path(), "tile/8/0/"))
	var all [][]byte
	for len(data) > 0 {
		length := int(binary.BigEndian.Uint16(data))
		all, data = append(all, data[2:2+length]), data[2+length:]
	}
	return all
}

type tiles struct {
	folder string
	saved  int
}

func (t *tiles) Height() int { return height }

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		// C2SP leaves the height out of the path: it is always 8.
		all = append(all, get(t.folder, "tile/"+strings.TrimPrefix(tile.Path(), "tile/8/")))
	}
	return all, nil
}

// SaveTiles is called with authenticated tiles only.
func (t *tiles) SaveTiles(saved []tlog.Tile, _ [][]byte) { t.saved += len(saved) }

// get reads from a copy of the log under its own paths, so that the build needs no network packages.
func get(folder, path string) []byte {
	return must(os.ReadFile(filepath.Join(folder, path)))
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}
