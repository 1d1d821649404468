# SPDX-License-Identifier: Apache-2.0
"""Where verifiers differ, and why: one row for each rule that not all of them keep.

`says` is how the strict one (ours, if not said otherwise) refuses; `lax` are those that accept some or all of what it
refuses (both others, if not said otherwise). docs/verify-without-us.md has the same table for readers.
"""

from interop.difference import Difference, chain_is_whole, names_another_certificate, stamped_at_the_end
from interop.three_verifiers import JAVASCRIPT, OURS, PYTHON

DIFFERENCES = (
    Difference(
        "one name twice",
        "Readers take the first or the last of the two, so one file says two things.",
        r"bundle: expected each name once in an object",
    ),
    Difference(
        "a member unknown to the format",
        "What no rule reads must not travel in a proof; sigstore-js reads past it.",
        r"bundle: expected (in .* got also '|an envelope of payload)",
        (JAVASCRIPT,),
    ),
    Difference(
        "parts of the older log",
        "A promise or a time of the log proves nothing beside stamp and proof; others pass over one without the other.",
        r"bundle: expected in the log entry exactly .* got also 'in(clusionPromise|tegratedTime)",
    ),
    Difference(
        "a key id beside the signature",
        "It is signed by nobody; the certificate says which key it is.",
        r"bundle: expected the signature as an object with 'sig' alone",
    ),
    Difference(
        "a member missing",
        "Other readers fill in a default, or do without where another part says the same.",
        r"bundle: expected in .* got .*missing",
    ),
    Difference(
        "a value of another type",
        "JavaScript turns lists and numbers into text, and null into a default.",
        r"bundle: expected (the checkpoint as|the payload type as|messageDigest as|a digest by|a log entry of kind)",
    ),
    Difference(
        "another spelling of a number",
        "Signs, zeros in front, digits of other scripts, fractions, hexadecimal: a number has one spelling.",
        r"bundle: expected (logIndex as a whole number|treeSize as a whole number|a whole number)",
    ),
    Difference(
        "another spelling of base64",
        "Spare bits, line ends, junk, missing padding: one value has one spelling (RFC 4648, 3.5).",
        r"bundle: expected .* in base64",
    ),
    Difference(
        "a hash of another length",
        "sigstore-python tries any log for an unknown id; sigstore-js does not read the root hash beside the proof.",
        r"bundle: expected (the log's key id|rootHash) of 32 bytes",
    ),
    Difference(
        "text that is no strict JSON",
        "Bytes that are no UTF-8 and hundreds of levels are where parsers part.",
        r"bundle: expected (UTF-8|at most \d+ levels)",
        (JAVASCRIPT,),
    ),
    Difference(
        "another version of the format",
        "We write version 0.3 alone; sigstore-js reads any text that begins like a version.",
        r"bundle: expected mediaType",
    ),
    Difference(
        "several stamps",
        "Which of them counts would be left open; sigstore-python takes one that holds and passes over the rest.",
        r"bundle: expected exactly one timestamp",
        (PYTHON,),
    ),
    Difference(
        "two log indexes",
        "The index outside the proof is covered by nothing; the two must be one.",
        r"bundle: expected one logIndex",
    ),
    Difference(
        "several names in the certificate",
        "One signer has one name; sigstore-js looks at the first alone, sigstore-python for any that fits.",
        r"certificate: expected one URI as the signer's name",
    ),
    Difference(
        "two issuers in the certificate",
        "Two extensions name the service that vouches: sigstore-python reads the older, sigstore-js the newer.",
        r"certificate: expected (both issuer extensions|a certificate .*, got one without \d)",
    ),
    Difference(
        "a certificate for other purposes",
        "sigstore-js does not look for the purpose code signing; sigstore-python allows others beside it.",
        r"certificate: expected (the extended key usage|a certificate .*, got one without (Ext|Key))",
    ),
    Difference(
        "a certificate with other rights",
        "sigstore-js looks at no key usage, no right to issue and no critical extension of the signer's certificate.",
        r"certificate: expected (a signer's certificate|the key usage|only known critical)",
        (JAVASCRIPT,),
    ),
    Difference(
        "a key of another kind",
        "P-256 is what every client reads.",
        r"certificate: expected a certificate for an ECDSA P-256 key",
        (JAVASCRIPT,),
    ),
    Difference(
        "a certificate that is not DER",
        "sigstore-js does not look at the outermost tag.",
        r"certificate: expected (a certificate \(X.509|one X.509)",
        (JAVASCRIPT,),
    ),
    Difference(
        "an authority outside its time",
        "sigstore-python does not read from when to when the trust file believes a certificate authority or CT log.",
        r"(certificate-chain: expected the trust file to cover|certificate-transparency: expected an SCT of a CT log)",
        (PYTHON,),
    ),
    Difference(
        "an authority's chain that is not in order",
        "The root comes last. sigstore-python believes every certificate in it, sigstore-js looks for an order.",
        r"certificate-chain: expected certificates that chain",
        about=lambda case: not chain_is_whole(case),
    ),
    Difference(
        "a log outside its time",
        "Neither client reads from when to when the trust file believes the log's key.",
        r"log: expected the trust file to cover",
    ),
    Difference(
        "a log that is not named",
        "sigstore-python tries every log of the trust file if the id is of none; its checkpoint must fit still.",
        r"log: expected an entry in a log of the trust file",
        (PYTHON,),
    ),
    Difference(
        "another certificate in the log",
        "sigstore-js does not compare the certificate in the log entry with the one in the bundle.",
        r"log-entry: expected the log entry",
        (JAVASCRIPT,),
        about=names_another_certificate,
    ),
    Difference(
        "a log entry in other bytes",
        "The logged bytes have one form; other clients read fields out of them and pass over the rest.",
        r"log-entry: expected the log entry",
        about=lambda case: not names_another_certificate(case),
    ),
    Difference(
        "a size that is not the head's",
        "Proof and signed head both name it: sigstore-python believes the proof, sigstore-js the head.",
        r"checkpoint: expected a checkpoint of \d+ entries",
    ),
    Difference(
        "a root hash that is not the head's",
        "sigstore-js does not read the root hash beside the proof, only that of the signed head.",
        r"checkpoint: expected a checkpoint with the root hash",
        (JAVASCRIPT,),
    ),
    Difference(
        "a head in other words",
        "Two readings of a head would be two heads: no lines more, and one spelling of size and root.",
        r"checkpoint: the checkpoint('s| must)",
    ),
    Difference(
        "a head that speaks for another log",
        "The first line must be the log's own name; other clients do not read it.",
        r"checkpoint: the checkpoint speaks for the log",
    ),
    Difference(
        "a line that is none",
        "Every line below the head must be a signature line; other clients look for those that are.",
        r"checkpoint: (a signature line of the note|the note is not a text)",
    ),
    Difference(
        "a wrong line of the log beside a good one",
        "A wrong line of a known key spoils the note (C2SP signed-note); others stop at the first good one.",
        r"checkpoint: the signature of .* on the note is wrong",
    ),
    Difference(
        "the log's line under another name",
        "A key signs under its name; sigstore-python compares four bytes of the key's id alone.",
        r"checkpoint: the note carries no signature of",
        (PYTHON,),
    ),
    Difference(
        "a stamp with more or less in it",
        "What no signature covers must be empty. sigstore-python reads fewer of these fields, sigstore-js hardly any.",
        r"timestamp: expected (a timestamp with|a granted timestamp|no certificates in the timestamp|an RFC 3161)",
    ),
    Difference(
        "a stamp by a key for another use",
        "sigstore-js does not look for the purpose time stamping.",
        r"timestamp: expected a timestamping certificate",
        (JAVASCRIPT,),
    ),
    Difference(
        "a statement that is not ours",
        "Other clients check who signed the bytes and hand them on unread: signer, passkey, agreement.",
        r"(statement|signer|passkey): ",
    ),
    Difference(
        "a pattern for a name",
        "sigstore-js takes the name asked for as a pattern that may fit anywhere: give it ^ and $, and escape dots.",
        r"identity: expected the identity",
        (JAVASCRIPT,),
    ),
    Difference(
        "the last moment of a stamping authority",
        "The end of a validity belongs to it (so says the format); sigstore-python leaves it out.",
        r"VerificationError: not enough sources of verified time",
        (OURS, JAVASCRIPT),
        strict=PYTHON,
        about=stamped_at_the_end,
    ),
    Difference(
        "an issuer's key that is not named",
        "RFC 5280 (4.2.1.1) asks authorities to name their key in what they issue; the signature alone decides here.",
        r"CertValidationError: .*2\.5\.29\.35: Certificate is missing required extension",
        (OURS, JAVASCRIPT),
        strict=PYTHON,
    ),
)
PUBLIC = (
    Difference(
        "an authority with an RSA key",
        "Authorities of this protocol have keys on elliptic curves.",
        r"certificate-chain: expected an authority with an elliptic-curve key",
    ),
    Difference(
        "a trust file with less in it",
        "A log, an authority, a CT log and a stamping authority are needed, each from a time on.",
        r"trust: expected",
        (JAVASCRIPT,),
    ),
)
