/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing string. Running out of memory is remembered instead of reported at each call: check `failed` once at the end. */
#ifndef OOMSIM_CORE_STRBUF_H
#define OOMSIM_CORE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *s; /* NUL-terminated; NULL while empty */
	size_t len, cap;
	bool failed;
};

__attribute__((format(printf, 2, 3))) void strbuf_addf(struct strbuf *b, const char *fmt, ...);
void strbuf_add(struct strbuf *b, const char *s, size_t n);
void strbuf_puts(struct strbuf *b, const char *s);
void strbuf_free(struct strbuf *b); /* leaves it empty and usable */

#endif
