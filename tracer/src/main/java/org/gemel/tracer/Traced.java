package org.gemel.tracer;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a method that is captured as a graph, compiled, and from then on run as that.
///
/// Each new signature (types of the tensors, values of the other arguments, the Java state the
/// method can see) is traced once. Parameters and states are read and assigned as usual; other Java
/// side effects do not belong in such a method. `Mode.EAGER.run(..)` runs the same method line by
/// line. Needs `-javaagent:gemel-tracer.jar` on the command line.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Traced {}
