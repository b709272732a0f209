/// Layers and models: plain objects whose fields hold parameters.
package org.gemel.nn;
