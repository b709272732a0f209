/// Optimizers: what changes parameters once `backward()` has found their gradients.
package org.gemel.optim;
