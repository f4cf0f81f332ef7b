/*
 * The limit: what it takes at least to make a JPEG of an I420 picture, in C, plane by plane.
 *
 * Scales the three planes bilinearly, widens the limited range of video to the full one of JPEG,
 * and compresses the planes with libjpeg-turbo, without a detour over RGB. One thread.
 *
 * Speaks lines: `load WIDTH HEIGHT FILE`, `encode INDEX BOX QUALITY` and `save INDEX BOX QUALITY
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

#define MOST_PICTURES 64
/* Pixels of one step of the vector loop, and what it may read or write past the end of a row. */
#define GROUP 8
#define SLACK 32
/* Weights of the two neighbours add up to this. */
#define ONE 128

typedef struct {
  int width, height;
  uint8_t *planes[3];
} Picture;

/* How far samples are from their zero, where zero is, and the stretch to full range by 128/32768. */
typedef struct {
  int low, zero, stretch;
} Range;

static const Range LUMA = {16, 0, 298};     /* 255 / 219 */
static const Range CHROMA = {128, 128, 291}; /* 255 / 224 */

/* Where each group of 8 pixels of a row comes from. */
typedef struct {
  int start;
  int8_t order[2 * GROUP];
  int8_t weights[2 * GROUP];
} Step;

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int chroma(int side) { return (side + 1) / 2; }

static uint8_t limited(int value) { return value < 0 ? 0 : value > 255 ? 255 : value; }

/* The left (or upper) neighbour of a pixel of the result, and the weight of the other one. */
static int neighbour(int pixel, int from, int to, int *weight) {
  double at = (pixel + 0.5) * from / to - 0.5;
  if (at < 0) at = 0;
  int left = (int)at;
  if (left > from - 2) {
    left = from > 1 ? from - 2 : 0;
    *weight = from > 1 ? ONE : 0;
  } else {
    *weight = (int)((at - left) * ONE + 0.5);
  }
  return left;
}

/* 0 where a group of 8 pixels comes from more than the 16 bytes that a vector holds. */
static int plan_row(Step *steps, int from, int to) {
  for (int x = 0; x < to; x += GROUP) {
    Step *step = &steps[x / GROUP];
    int weight;
    step->start = neighbour(x, from, to, &weight);
    for (int i = 0; i < GROUP; i++) {
      int pixel = x + i < to ? x + i : to - 1;
      int left = neighbour(pixel, from, to, &weight) - step->start;
      if (left > 14) return 0;
      step->order[2 * i] = (int8_t)left;
      step->order[2 * i + 1] = (int8_t)(left + 1);
      /* Signed bytes end at 127: nobody sees the difference. */
      if (weight < 1) weight = 1;
      if (weight > ONE - 1) weight = ONE - 1;
      step->weights[2 * i] = (int8_t)(ONE - weight);
      step->weights[2 * i + 1] = (int8_t)weight;
    }
  }
  return 1;
}

static void blend_rows(const uint8_t *a, const uint8_t *b, int weight, uint8_t *out, int width) {
  for (int x = 0; x < width; x++)
    out[x] = (uint8_t)((a[x] * (uint16_t)(ONE - weight) + b[x] * (uint16_t)weight + ONE / 2) / ONE);
}

static void scale_row_plain(const uint8_t *in, int from, uint8_t *out, int to, Range range) {
  for (int x = 0; x < to; x++) {
    int weight;
    int left = neighbour(x, from, to, &weight);
    int value = (in[left] * (ONE - weight) + in[left + 1] * weight + ONE / 2) / ONE;
    out[x] = limited((((value - range.low) * 128 * range.stretch + (1 << 14)) >> 15) + range.zero);
  }
}

#ifdef __SSSE3__
static void scale_row(const uint8_t *in, const Step *steps, uint8_t *out, int to, Range range) {
  const __m128i half = _mm_set1_epi16(ONE / 2);
  const __m128i low = _mm_set1_epi16((short)range.low);
  const __m128i zero = _mm_set1_epi16((short)range.zero);
  const __m128i stretch = _mm_set1_epi16((short)range.stretch);
  for (int x = 0; x < to; x += GROUP) {
    const Step *step = &steps[x / GROUP];
    __m128i pairs = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(in + step->start)),
                                     _mm_loadu_si128((const __m128i *)step->order));
    __m128i sum = _mm_maddubs_epi16(pairs, _mm_loadu_si128((const __m128i *)step->weights));
    __m128i value = _mm_srli_epi16(_mm_add_epi16(sum, half), 7);
    __m128i wide = _mm_slli_epi16(_mm_sub_epi16(value, low), 7);
    value = _mm_add_epi16(_mm_mulhrs_epi16(wide, stretch), zero);
    _mm_storel_epi64((__m128i *)(out + x), _mm_packus_epi16(value, value));
  }
}
#endif

static void scale_plane(const uint8_t *in, int width, int height, uint8_t *out, int to_width,
                        int to_height, int stride, Range range) {
  Step *steps = malloc(sizeof(Step) * (to_width / GROUP + 1));
  uint8_t *row = calloc(1, width + SLACK);
  int vectors = plan_row(steps, width, to_width);
  (void)vectors;
  for (int y = 0; y < to_height; y++) {
    int weight;
    int top = neighbour(y, height, to_height, &weight);
    const uint8_t *a = in + (size_t)top * width;
    blend_rows(a, height > 1 ? a + width : a, weight, row, width);
    row[width] = row[width - 1];
#ifdef __SSSE3__
    if (vectors) {
      scale_row(row, steps, out + (size_t)y * stride, to_width, range);
      continue;
    }
#endif
    scale_row_plain(row, width, out + (size_t)y * stride, to_width, range);
  }
  free(row);
  free(steps);
}

static unsigned long encode(tjhandle jpeg, const Picture *from, int box, int quality,
                            unsigned char **bytes) {
  int width = box;
  int height = (int)(from->height * ((double)box / from->width));
  if (height > box) {
    height = box;
    width = (int)(from->width * ((double)box / from->height));
  }
  uint8_t *planes[3];
  int strides[3];
  for (int i = 0; i < 3; i++) {
    int w = i ? chroma(width) : width, h = i ? chroma(height) : height;
    strides[i] = (w + 15) / 16 * 16;
    planes[i] = malloc((size_t)strides[i] * h + SLACK);
    scale_plane(from->planes[i], i ? chroma(from->width) : from->width,
                i ? chroma(from->height) : from->height, planes[i], w, h, strides[i],
                i ? CHROMA : LUMA);
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
    picture->planes[i] = malloc(size);
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

static void reply(int ok, double ms, unsigned long bytes) {
  if (ok) printf("#{\"wallMs\":%.4f,\"blockedMs\":%.4f,\"bytes\":%lu}\n", ms, ms, bytes);
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
      reply(count < MOST_PICTURES && load(&pictures[count++], a, b, path), 0, 0);
      continue;
    }
    int saving = sscanf(line, "save %d %d %d %4095[^\n]", &a, &b, &quality, path) == 4;
    if ((!saving && sscanf(line, "encode %d %d %d", &a, &b, &quality) != 3) || a < 0 ||
        a >= count) {
      reply(0, 0, 0);
      continue;
    }
    unsigned char *bytes = NULL;
    double start = now_ms();
    unsigned long size = encode(jpeg, &pictures[a], b, quality, &bytes);
    double ms = now_ms() - start;
    reply(size > 0 && (!saving || save(path, bytes, size)), ms, size);
    tjFree(bytes);
  }
  tjDestroy(jpeg);
  return 0;
}
