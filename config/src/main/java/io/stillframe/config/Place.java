package io.stillframe.config;

/** Where something stands: line and column from 1 (0 for the file as a whole), and the path of keys that leads there. */
record Place(int line, int column, String path) {
    static final Place FILE = new Place(0, 0, "");

    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    String pathOf(int index) {
        return path + "[" + index + "]";
    }
}
