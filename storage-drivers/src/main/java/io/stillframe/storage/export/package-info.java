/**
 * Image files as they are seen from the host: what lies below an overlay, told from its header and never by opening it,
 * and a whole chain shown as one raw disk that cannot be written to.
 */
package io.stillframe.storage.export;
