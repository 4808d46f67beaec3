/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON into a string: commas are placed by what was written last, and any byte string comes through as valid, harmless text. */
#ifndef OOMSIM_REPORT_JSON_H
#define OOMSIM_REPORT_JSON_H

#include "sim/core/strbuf.h"
#include "sim/core/units.h"

void out_json_open(struct strbuf *b, const char *key, char bracket); /* '{' or '['; key NULL inside arrays */
void out_json_close(struct strbuf *b, char bracket);
void out_json_i64(struct strbuf *b, const char *key, int64_t v);
void out_json_u64(struct strbuf *b, const char *key, uint64_t v);
void out_json_bool(struct strbuf *b, const char *key, bool v);
void out_json_null(struct strbuf *b, const char *key);
/* NULL becomes null; bytes that are no UTF-8 become U+FFFD; control characters, quotes and < > & are escaped, so that a name
 * does no harm in an HTML page either. */
void out_json_str(struct strbuf *b, const char *key, const char *v);

#endif
