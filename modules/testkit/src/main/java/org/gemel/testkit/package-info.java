/// What tests of Gemel and of its backends are made of: modes, gradient checks, golden cases and
/// texts, checks of rewrites and of kernels.
package org.gemel.testkit;
