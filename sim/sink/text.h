/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names from a scenario may hold any byte but NUL, and may be cut in the middle of a character; what we write is UTF-8. */
#ifndef OOMSIM_SINK_TEXT_H
#define OOMSIM_SINK_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TEXT_MAX 512 /* room enough for any name of ours, escaped */

/* The next character of s and how many bytes it takes (at least 1). U+FFFD, one byte, for what is not UTF-8 (overlong forms,
 * surrogates and the non-characters U+FFFE and U+FFFF included, which neither JSON nor XML can hold). *s must not be NUL. */
uint32_t text_next(const char *s, size_t *ret_len);
/* The same text as valid UTF-8, cut at a character where it does not fit. Control characters stay. */
void text_utf8(char *ret, size_t n, const char *s);
/* As text_utf8(), control characters written \xNN and the backslash doubled: fit for a terminal, a table or a picture. */
void text_plain(char *ret, size_t n, const char *s);

#endif
