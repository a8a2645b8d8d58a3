package app.grend;

/** What has to be computed about pictures, without a word of Android. */
final class Frames {
    /** What is looked for: large enough for a code of many devices, small enough for ten looks a second. */
    private static final int WANTED = 1280 * 720;
    /** The longest side of a picture that is looked at. */
    private static final int LONGEST = 2400;

    private Frames() {}

    /** Which of these sizes, in pixels, is nearest to what is wanted. */
    static int nearest(int[] pixels) {
        int best = 0;
        for (int each = 1; each < pixels.length; each++) {
            if (Math.abs((long) pixels[each] - WANTED) < Math.abs((long) pixels[best] - WANTED)) {
                best = each;
            }
        }
        return best;
    }

    /** By how many degrees a preview is turned, for a camera built in so and a screen turned by so many quarters. */
    static int turn(int camera, int quarters, boolean mirrored) {
        int screen = quarters * 90;
        return mirrored ? (720 - camera - screen) % 360 : (camera - screen + 360) % 360;
    }

    /** How many pixels become one, a power of two, so that the longest side is not longer than is looked at. */
    static int shrink(int width, int height) {
        int by = 1;
        while (Math.max(width, height) / by > LONGEST) {
            by *= 2;
        }
        return by;
    }

    /** How bright each pixel is. White where there is none. */
    static byte[] brightness(int[] colours) {
        byte[] bright = new byte[colours.length];
        for (int each = 0; each < colours.length; each++) {
            int colour = colours[each];
            int there = colour >>> 24;
            int mean = ((colour >> 16 & 0xff) + (colour >> 8 & 0xff) + (colour & 0xff)) / 3;
            bright[each] = (byte) ((mean * there + 255 * (255 - there)) / 255);
        }
        return bright;
    }
}
