// SPDX-License-Identifier: Apache-2.0
// Asks veraPDF, the reference checker of PDF/A and PDF/UA, about each file named, in one JVM: one line a file and
// profile, "PROFILE true|false FILE", and under it one indented line for each rule that is broken.

import java.io.File;
import java.io.InputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

class ValidatePdf {
    static final int SHOWN_FAULTS = 20;

    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String name : arguments[0].split(",")) {
            ValidationProfile profile = read(name);
            for (int place = 1; place < arguments.length; place++) {
                validate(name, profile, arguments[place]);
            }
        }
    }

    // The library's own list of profiles reads a folder, which a jar has not.
    static ValidationProfile read(String name) throws Exception {
        String path = "/org/verapdf/pdfa/validation/" + name + ".xml";
        try (InputStream text = VeraGreenfieldFoundryProvider.class.getResourceAsStream(path)) {
            return Profiles.profileFromXml(text);
        }
    }

    static void validate(String name, ValidationProfile profile, String file) throws Exception {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(file), profile.getPDFAFlavour());
                PDFAValidator validator =
                        Foundries.defaultInstance().createValidator(profile, SHOWN_FAULTS, false, false, false)) {
            ValidationResult result = validator.validate(parser);
            System.out.println(name + " " + result.isCompliant() + " " + file);
            for (TestAssertion fault : result.getTestAssertions()) {
                System.out.println("  " + fault.getRuleId().getClause() + "-" + fault.getRuleId().getTestNumber() + " "
                        + fault.getMessage() + " at " + fault.getLocation().getContext());
            }
        }
    }
}
