/**
 * The configuration: read from YAML, checked as a whole, and immutable from then on. A file is either good or comes back
 * with everything that is wrong with it, each with its line: nobody should have to start a program five times to learn
 * of five mistakes. Whoever can write the file is trusted with its meaning, but not with this process: size, depth and
 * aliases are bounded, and no text of it is shown unescaped.
 */
package io.stillframe.config;
