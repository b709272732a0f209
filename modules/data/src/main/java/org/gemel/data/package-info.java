/// Data sets read from files, and mini-batches of them in a reproducible random order.
package org.gemel.data;
