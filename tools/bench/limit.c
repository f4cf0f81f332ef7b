/*
 * The limit: the least work that makes a JPEG of an I420 picture, in C, plane by plane.
 *
 * Scales the three planes with the cubic filter of Pillow and libvips, widens the limited
 * range of video to the full one of JPEG, and compresses the planes with libjpeg-turbo, without a
 * detour over RGB. One thread.
 *
 * Its commands are lines: `load WIDTH HEIGHT FILE`, `encode INDEX BOX QUALITY` and `save INDEX BOX QUALITY
 * FILE`, each answered by one line of JSON that begins with `#`.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <turbojpeg.h>
#ifdef __SSSE3__
#include <tmmintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#define MOST_PICTURES 64
/* Weights are in units of 1/ONE: 16 bits hold them up to 2. */
#define BITS 14
#define ONE (1 << BITS)
/* Pixels of one step of the loop that scales a row, half of them in each vector. */
#define GROUP 8
/* How far they may read or write past the end of a row. */
#define SLACK 32

typedef struct {
  int width, height;
  uint8_t *planes[3];
} Picture;

/* Zero in limited and in full range, and the scale from one to the other. */
typedef struct {
  int from_zero, to_zero, stretch;
} Range;

static const Range LUMA = {16, 0, (ONE * 255 + 109) / 219};
static const Range CHROMA = {128, 128, (ONE * 255 + 112) / 224};

/*
 * Each pixel is the weighted sum of `taps` source pixels (an even number) from its start on. The
 * weights lie in the order of the vectors: the first two weights of each of four pixels, then the
 * next two. `order` is an argument of `pshufb`: the places of the first two source pixels of each,
 * relative to the start of the four.
 */
typedef struct {
  int from, to, taps;
  int *starts;
  int16_t *weights;
  int8_t *order;
} Filter;

static double now_ms(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int chroma(int side) { return (side + 1) / 2; }

static uint8_t limited(int value) { return value < 0 ? 0 : value > 255 ? 255 : value; }

/* Catmull-Rom: the cubic with a = -0.5. */
static double cubic(double x) {
  if (x < 0) x = -x;
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((2.5 - 0.5 * x) * x - 4) * x + 2 : 0;
}

/* libjpeg-turbo reads whole pairs of pixels for any size of the picture. */
static int even(int side) { return side + side % 2; }

static size_t weight_at(int taps, int pixel, int tap) {
  return (size_t)(pixel / 4) * 4 * taps + tap / 2 * 8 + pixel % 4 * 2 + tap % 2;
}

/* Frames of a stream have one size, so the filter is made for the first one. */
static void make_filter(Filter *filter, int from, int to, int sum) {
  if (filter->from == from && filter->to == to) return;
  free(filter->starts);
  free(filter->weights);
  free(filter->order);
  double ratio = (double)from / to;
  /* A smaller picture averages more pixels for each of its own, to avoid aliasing. */
  double spread = ratio > 1 ? ratio : 1;
  int taps = (int)(4 * spread);
  if (taps < 4 * spread) taps++;
  if (taps > from) taps = from;
  taps = even(taps);
  int room = (to + GROUP - 1) / GROUP * GROUP;
  *filter = (Filter){from, to, taps, malloc(sizeof(int) * room),
                     malloc(sizeof(int16_t) * room * taps), malloc(4 * room)};
  for (int i = 0; i < room; i++) {
    /* The last group is a whole one: it repeats the last pixel. */
    double center = ((i < to ? i : to - 1) + 0.5) * ratio - 0.5;
    int start = center > 2 * spread ? (int)(center - 2 * spread) + 1 : 0;
    if (start > from - taps) start = from > taps ? from - taps : 0;
    filter->starts[i] = start;
    int8_t first = (int8_t)(start - filter->starts[i / 4 * 4]);
    /* -1 inserts a zero, which extends 8 bits to 16. */
    memcpy(filter->order + 4 * i, (int8_t[]){first, -1, (int8_t)(first + 1), -1}, 4);
    double each[taps], total = 0;
    for (int t = 0; t < taps; t++)
      total += each[t] = start + t < from ? cubic((start + t - center) / spread) : 0;
    /* The running sums are rounded, so that all weights add up to `sum`. */
    double exact = ONE + 0.5;
    for (int t = 0, before = ONE; t < taps; t++) {
      exact += each[t] * sum / total;
      filter->weights[weight_at(taps, i, t)] = (int16_t)((int)exact - before);
      before = (int)exact;
    }
  }
}

/* Makes one row from `taps` rows. */
INLINE void blend_rows(int taps, const uint8_t *const *rows, const int16_t *weights,
                       uint8_t *restrict out, int width) {
  int x = 0;
#ifdef __SSSE3__
  /* 16 pixels at a time: those of two rows, side by side, are multiplied and added at once. */
  const __m128i zero = _mm_setzero_si128();
  for (; x < width; x += 16) {
    __m128i a = _mm_set1_epi32(ONE / 2), b = a, c = a, d = a;
    for (int t = 0; t < taps; t += 2) {
      int pair;
      memcpy(&pair, weights + weight_at(taps, 0, t), sizeof pair);
      __m128i weight = _mm_set1_epi32(pair);
      __m128i upper = _mm_loadu_si128((const __m128i *)(rows[t] + x));
      __m128i lower = _mm_loadu_si128((const __m128i *)(rows[t + 1] + x));
      __m128i left = _mm_unpacklo_epi8(upper, lower), right = _mm_unpackhi_epi8(upper, lower);
      a = _mm_add_epi32(a, _mm_madd_epi16(_mm_unpacklo_epi8(left, zero), weight));
      b = _mm_add_epi32(b, _mm_madd_epi16(_mm_unpackhi_epi8(left, zero), weight));
      c = _mm_add_epi32(c, _mm_madd_epi16(_mm_unpacklo_epi8(right, zero), weight));
      d = _mm_add_epi32(d, _mm_madd_epi16(_mm_unpackhi_epi8(right, zero), weight));
    }
    a = _mm_packs_epi32(_mm_srai_epi32(a, BITS), _mm_srai_epi32(b, BITS));
    c = _mm_packs_epi32(_mm_srai_epi32(c, BITS), _mm_srai_epi32(d, BITS));
    _mm_storeu_si128((__m128i *)(out + x), _mm_packus_epi16(a, c));
  }
#endif
  for (; x < width; x++) {
    int sum = ONE / 2;
    for (int t = 0; t < taps; t++) sum += rows[t][x] * weights[weight_at(taps, 0, t)];
    out[x] = limited(sum >> BITS);
  }
}

/* The weights also scale the range; `bias` moves its zero, and rounds. */
INLINE void scale_row(int taps, const uint8_t *in, const Filter *filter, int bias,
                      uint8_t *restrict out) {
  int x = 0;
#ifdef __SSSE3__
  /* Two neighbours for each of four pixels at a time: the next two come in the same order. */
  const __m128i *weights = (const __m128i *)filter->weights;
  const __m128i *orders = (const __m128i *)filter->order;
  /* Vectors reach 16 bytes: four pixels must begin within them. */
  const int reached = filter->from < 4 * filter->to;
  for (; reached && x < filter->to; x += GROUP) {
    __m128i halves[2];
    for (int half = 0; half < 2; half++) {
      const uint8_t *start = in + filter->starts[x + 4 * half];
      __m128i order = _mm_loadu_si128(orders++);
      __m128i sum = _mm_set1_epi32(bias);
      for (int t = 0; t < taps; t += 2) {
        __m128i pixels = _mm_loadu_si128((const __m128i *)(start + t));
        __m128i pairs = _mm_shuffle_epi8(pixels, order);
        sum = _mm_add_epi32(sum, _mm_madd_epi16(pairs, _mm_loadu_si128(weights++)));
      }
      halves[half] = _mm_srai_epi32(sum, BITS);
    }
    __m128i values = _mm_packs_epi32(halves[0], halves[1]);
    _mm_storel_epi64((__m128i *)(out + x), _mm_packus_epi16(values, values));
  }
#endif
  for (; x < even(filter->to); x++) {
    int sum = bias;
    for (int t = 0; t < taps; t++)
      sum += in[filter->starts[x] + t] * filter->weights[weight_at(taps, x, t)];
    out[x] = limited(sum >> BITS);
  }
}

/* Loops of constant length cost less: these are the usual lengths. */
#define WITH_TAPS(run, taps, ...)        \
  ((taps) == 4   ? run(4, __VA_ARGS__)   \
   : (taps) == 6 ? run(6, __VA_ARGS__)   \
   : (taps) == 8 ? run(8, __VA_ARGS__)   \
                 : run(taps, __VA_ARGS__))

/* Row by row, so that the data between the two passes stays in the cache. */
static void scale_plane(const uint8_t *in, const Filter *across, const Filter *down, Range range,
                        uint8_t *out, int stride) {
  int bias = range.to_zero * ONE - range.from_zero * range.stretch + ONE / 2;
  uint8_t *row = calloc(1, across->from + SLACK);
  const uint8_t *rows[down->taps];
  for (int y = 0; y < even(down->to); y++, out += stride) {
    for (int t = 0; t < down->taps; t++) {
      int at = down->starts[y] + t;
      rows[t] = in + (size_t)(at < down->from ? at : down->from - 1) * across->from;
    }
    const int16_t *weights = down->weights + weight_at(down->taps, y, 0);
    WITH_TAPS(blend_rows, down->taps, rows, weights, row, across->from);
    WITH_TAPS(scale_row, across->taps, row, across, bias, out);
  }
  free(row);
}

static unsigned long encode(tjhandle jpeg, const Picture *from, int box, int quality,
                            unsigned char **bytes) {
  int width = box;
  int height = (int)(from->height * ((double)box / from->width));
  if (height > box) {
    height = box;
    width = (int)(from->width * ((double)box / from->height));
  }
  if (width < 1 || height < 1) return 0;
  static Filter across[2], down[2];
  uint8_t *planes[3];
  int strides[3];
  for (int i = 0; i < 3; i++) {
    int w = i ? chroma(width) : width, h = i ? chroma(height) : height;
    Range range = i ? CHROMA : LUMA;
    Filter *x = &across[i > 0], *y = &down[i > 0];
    make_filter(x, i ? chroma(from->width) : from->width, w, range.stretch);
    make_filter(y, i ? chroma(from->height) : from->height, h, ONE);
    strides[i] = (w + 15) / 16 * 16;
    planes[i] = malloc((size_t)strides[i] * even(h) + SLACK);
    scale_plane(from->planes[i], x, y, range, planes[i], strides[i]);
  }
  unsigned long size = 0;
  if (tjCompressFromYUVPlanes(jpeg, (const unsigned char **)planes, width, strides, height,
                              TJSAMP_420, bytes, &size, quality, 0) != 0)
    size = 0;
  for (int i = 0; i < 3; i++) free(planes[i]);
  return size;
}

static int load(Picture *picture, int width, int height, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  picture->width = width;
  picture->height = height;
  int complete = 1;
  for (int i = 0; i < 3; i++) {
    size_t size = i ? (size_t)chroma(width) * chroma(height) : (size_t)width * height;
    picture->planes[i] = malloc(size + SLACK);
    complete = complete && fread(picture->planes[i], 1, size, file) == size;
  }
  fclose(file);
  return complete;
}

static int save(const char *path, const unsigned char *bytes, unsigned long size) {
  FILE *file = fopen(path, "wb");
  if (!file) return 0;
  int complete = fwrite(bytes, 1, size, file) == size;
  return fclose(file) == 0 && complete;
}

static void reply(int ok, double ms, double cpu_ms, unsigned long bytes) {
  if (ok)
    printf("#{\"wallMs\":%.4f,\"cpuMs\":%.4f,\"blockedMs\":%.4f,\"bytes\":%lu}\n", ms, cpu_ms, ms,
           bytes);
  else printf("#{\"error\":\"it could not be done\"}\n");
  fflush(stdout);
}

int main(void) {
  static Picture pictures[MOST_PICTURES];
  int count = 0;
  char line[4096], path[4096];
  int a, b, quality;
  tjhandle jpeg = tjInitCompress();
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "load %d %d %4095[^\n]", &a, &b, path) == 3) {
      reply(count < MOST_PICTURES && load(&pictures[count++], a, b, path), 0, 0, 0);
      continue;
    }
    int saving = sscanf(line, "save %d %d %d %4095[^\n]", &a, &b, &quality, path) == 4;
    if ((!saving && sscanf(line, "encode %d %d %d", &a, &b, &quality) != 3) || a < 0 ||
        a >= count) {
      reply(0, 0, 0, 0);
      continue;
    }
    unsigned char *bytes = NULL;
    double start = now_ms(CLOCK_MONOTONIC), cpu_start = now_ms(CLOCK_PROCESS_CPUTIME_ID);
    unsigned long size = encode(jpeg, &pictures[a], b, quality, &bytes);
    double cpu_ms = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
    double ms = now_ms(CLOCK_MONOTONIC) - start;
    reply(size > 0 && (!saving || save(path, bytes, size)), ms, cpu_ms, size);
    tjFree(bytes);
  }
  tjDestroy(jpeg);
  return 0;
}
