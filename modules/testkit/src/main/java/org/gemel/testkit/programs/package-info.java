/// Random programs, to find where two ways of running one thing differ.
///
/// [org.gemel.testkit.programs.Generator] writes a program from a seed: lines that each call one
/// tensor method on the results of earlier lines. [org.gemel.testkit.programs.ProgramCheck] runs it
/// in every mode, compares the bits, and compares each line with the reference of its operations. A
/// program that fails is made small by [org.gemel.testkit.programs.Shrinking], and its text is a
/// test case to copy.
package org.gemel.testkit.programs;
