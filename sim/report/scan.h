/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cursor over one line: reading numbers and fixed words without copying, and never beyond the end. */
#ifndef OOMSIM_REPORT_SCAN_H
#define OOMSIM_REPORT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct scan {
	const char *p, *end;
};

static inline struct scan scan_of(const char *s, size_t n)
{
	return (struct scan){ s, s + n };
}

static inline bool scan_done(const struct scan *c)
{
	return c->p == c->end;
}

static inline size_t scan_left(const struct scan *c)
{
	return (size_t)(c->end - c->p);
}

static inline bool scan_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline void scan_blanks(struct scan *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

/* True, and past it, if the text starts with `word`. */
static inline bool scan_word_n(struct scan *c, const char *word, size_t n)
{
	if (scan_left(c) < n || memcmp(c->p, word, n))
		return false;
	c->p += n;
	return true;
}

#define scan_lit(c, literal)       scan_word_n(c, "" literal, sizeof(literal) - 1)
#define scan_starts(s, n, literal) ((n) >= sizeof(literal) - 1 && !memcmp(s, literal, sizeof(literal) - 1))

bool scan_u64(struct scan *c, uint64_t *ret); /* decimal; false and unmoved if there is none or it overflows */
bool scan_i64(struct scan *c, int64_t *ret);  /* with an optional sign */
bool scan_hex(struct scan *c, uint64_t *ret); /* with an optional 0x */
bool scan_int(struct scan *c, int *ret);

/* First occurrence of a word, or NULL. */
const char *scan_find_n(const char *s, size_t n, const char *word, size_t wn);
#define scan_find(s, n, literal) scan_find_n(s, n, "" literal, sizeof(literal) - 1)
/* Last occurrence. */
const char *scan_rfind_n(const char *s, size_t n, const char *word, size_t wn);
#define scan_rfind(s, n, literal) scan_rfind_n(s, n, "" literal, sizeof(literal) - 1)
/* Move behind the next occurrence of a word. */
bool scan_past_n(struct scan *c, const char *word, size_t wn);
#define scan_past(c, literal) scan_past_n(c, "" literal, sizeof(literal) - 1)

/* Copy [s, s+n) as a string, cut to fit. */
void scan_copy(char *ret, size_t size, const char *s, size_t n);
/* As scan_copy(), with the \xNN and #NNN that loggers put in place of control characters undone, trailing CR dropped. */
void scan_copy_name(char *ret, size_t size, const char *s, size_t n);

#endif
