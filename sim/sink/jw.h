/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON for the files that are streams: compact, keys in the order they are put, commas placed by what was written last. */
#ifndef OOMSIM_SINK_JW_H
#define OOMSIM_SINK_JW_H

#include "sim/sink/out.h"

/* Open and close objects and arrays; key NULL for a member of an array or the outermost value. */
void jw_object(struct out *o, const char *key);
void jw_object_end(struct out *o);
void jw_array(struct out *o, const char *key);
void jw_array_end(struct out *o);
void jw_u64(struct out *o, const char *key, uint64_t v);
void jw_i64(struct out *o, const char *key, int64_t v);
void jw_bool(struct out *o, const char *key, bool v);
/* NULL becomes null. Any byte string is fine: see text.h. */
void jw_str(struct out *o, const char *key, const char *v);
/* v * 10^-decimals. */
void jw_fixed(struct out *o, const char *key, uint64_t v, unsigned decimals);

#endif
