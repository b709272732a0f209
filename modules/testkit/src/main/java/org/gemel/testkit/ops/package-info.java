/// The table of operations that every test of all operations is made from: for each operation how
/// it is called, on what, and what may be expected of it.
///
/// [org.gemel.testkit.ops.OpCases] is the table, [org.gemel.testkit.ops.OpNames] what it must hold.
package org.gemel.testkit.ops;
