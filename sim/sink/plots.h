/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pictures: each a gnuplot script and its data. Private to the plots sink. */
#ifndef OOMSIM_SINK_PLOTS_H
#define OOMSIM_SINK_PLOTS_H

#include "sim/core/strbuf.h"
#include "sim/sink/collect.h"
#include "sim/sink/plotdata.h"

#define PLOT_TOP_MAX 7 /* as many as there are colours that everybody can tell apart */

struct plot_input {
	const struct plot_data *data;
	const struct collect *collect;
	struct plot_top top[PLOT_TOP_MAX];
	size_t ntop;
};

/* Append the data file (a comment line with the columns' names, then rows) or the script. */
typedef void plot_writer(struct strbuf *out, const struct plot_input *in);

plot_writer plot_memory_data, plot_memory_script, plot_psi_data, plot_psi_script, plot_rss_data, plot_rss_script;

/* Shared by the scripts (plotparts.c). */

/* Scale of the time axis: seconds in one unit, and the unit's name. */
uint64_t plot_time_unit(const struct collect *c, const char **ret_name);
/* "Terminal, title, margins, kill lines with their labels above the picture." Returns the top of the picture in 1/1000 of
 * the screen. `what` is the picture's title. */
unsigned plot_head(struct strbuf *out, const struct plot_input *in, const char *name, const char *what);
/* Margins of a panel, 1/1000 of the screen. */
void plot_panel(struct strbuf *out, unsigned top, unsigned bottom);
/* Text as a gnuplot string, quotes and all; names in it must have gone through text_plain(). */
void plot_string(struct strbuf *out, const char *s);
/* hundredths as "12.34". */
void plot_hundredths(struct strbuf *out, uint64_t v);
void plot_seconds(struct strbuf *out, sim_ns t);

#endif
