package org.gemel.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.gemel.GemelException;

/// The MNIST data set of handwritten digits (LeCun, Cortes, Burges): 28 x 28 grey images with
/// labels 0 to 9, of which 60,000 are for training and 10,000 for testing.
///
/// @param train the images to learn from
/// @param test the images to be judged by
public record Mnist(LabelledImages train, LabelledImages test) {
    /// The width and the height of an image.
    public static final int SIDE = 28;

    /// The number of classes.
    public static final int CLASSES = 10;

    /// What to do without the files: one line for messages.
    public static final String WHERE =
            "get the four files from https://ossci-datasets.s3.amazonaws.com/mnist/"
                    + " (or with torchvision.datasets.MNIST) and give their folder";

    private static final String TRAIN = "train";
    private static final String TEST = "t10k";

    /// Reads the four files in `folder` under their original names, with or without `.gz`.
    ///
    /// @throws GemelException if the folder or a file is missing or unreadable, a file is damaged,
    ///   images and labels are not equally many, an image is not 28 x 28 or a label is above 9
    public static Mnist read(Path folder) {
        checkFolder(folder);
        checkComplete(folder);
        return new Mnist(part(folder, TRAIN), part(folder, TEST));
    }

    private static void checkFolder(Path folder) {
        if (!Files.exists(folder)) {
            throw new GemelException(
                    "mnist: expects a folder, but %s does not exist; %s".formatted(folder, WHERE));
        }
        if (!Files.isDirectory(folder)) {
            throw new GemelException(
                    "mnist: expects a folder, but %s is a file; give the folder that holds the four"
                                    .formatted(folder)
                            + " files");
        }
        if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
            throw new GemelException(
                    "mnist: expects a readable folder, but %s is not; chmod +rx it"
                            .formatted(folder));
        }
    }

    private static void checkComplete(Path folder) {
        List<String> names =
                List.of(imageName(TRAIN), labelName(TRAIN), imageName(TEST), labelName(TEST));
        List<String> missing = names.stream().filter(name -> find(folder, name).isEmpty()).toList();
        if (!missing.isEmpty()) {
            throw new GemelException(
                    "mnist: expects %s (or without .gz), but %s lacks %s; %s"
                            .formatted(listed(names), folder, listed(missing), WHERE));
        }
    }

    private static String listed(List<String> names) {
        return names.stream().map(name -> name + ".gz").collect(Collectors.joining(", "));
    }

    private static LabelledImages part(Path folder, String part) {
        Path imageFile = find(folder, imageName(part)).orElseThrow();
        Path labelFile = find(folder, labelName(part)).orElseThrow();
        Idx.Content images = Idx.read(imageFile, 3);
        Idx.Content labels = Idx.read(labelFile, 1);
        if (images.shape().dim(1) != SIDE || images.shape().dim(2) != SIDE) {
            throw new GemelException(
                    "mnist: expects images of %d x %d, but %s holds %s; is it MNIST?"
                            .formatted(SIDE, SIDE, imageFile, images.shape()));
        }
        if (images.shape().dim(0) != labels.shape().dim(0) || labels.shape().size() == 0) {
            throw new GemelException(
                    "mnist: expects one label per image and at least one image, but %s holds %d"
                                    .formatted(imageFile, images.shape().dim(0))
                            + " and %s %d; do they belong together?"
                                    .formatted(labelFile, labels.shape().dim(0)));
        }
        byte[] values = labels.bytes();
        for (int i = 0; i < values.length; i++) {
            if ((values[i] & 0xff) >= CLASSES) {
                throw new GemelException(
                        "mnist: expects labels 0 to 9, but %s has %d at position %d; is it MNIST?"
                                .formatted(labelFile, values[i] & 0xff, i));
            }
        }
        return new LabelledImages(SIDE, SIDE, images.bytes(), values);
    }

    private static Optional<Path> find(Path folder, String name) {
        return List.of(folder.resolve(name + ".gz"), folder.resolve(name)).stream()
                .filter(Files::exists)
                .findFirst();
    }

    private static String imageName(String part) {
        return part + "-images-idx3-ubyte";
    }

    private static String labelName(String part) {
        return part + "-labels-idx1-ubyte";
    }
}
