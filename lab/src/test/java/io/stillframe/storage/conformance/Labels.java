package io.stillframe.storage.conformance;

import java.util.random.RandomGenerator;

/** Labels that no run ever had. */
final class Labels {
    private static final String CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
    private static final RandomGenerator RANDOM = RandomGenerator.getDefault();

    private Labels() {}

    static String next() {
        StringBuilder label = new StringBuilder("sf-");
        for (int i = 0; i < 12; i++) {
            label.append(CHARACTERS.charAt(RANDOM.nextInt(CHARACTERS.length())));
        }
        return label.toString();
    }
}
