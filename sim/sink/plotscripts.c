/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three pictures. Colours are those of Okabe and Ito, which the colour-blind can tell apart. */
#include <stdio.h>

#include "sim/sink/plots.h"
#include "sim/sink/text.h"

#define BLUE        "#0072B2"
#define SKY         "#56B4E9"
#define GREEN       "#009E73"
#define ORANGE      "#E69F00"
#define VERMILLION  "#D55E00"
#define PURPLE      "#CC79A7"
#define GREY        "#999999"
/* Tints of sky blue and purple, for areas behind lines. */
#define PALE_BLUE   "#9AD0F2"
#define PALE_PURPLE "#E2B5CF"

#define U(x) ((unsigned long long)(x))

static void time_axis(struct strbuf *out, const struct collect *c)
{
	const char *name;

	plot_time_unit(c, &name);
	strbuf_addf(out, "set xlabel 'simulated time (%s)'\nset format x '%%g'\n", name);
}

/* Between two panels: the upper one's labels are gone, its title and time axis belong to the other. */
static void next_panel(struct strbuf *out)
{
	strbuf_puts(out, "unset label\n");
}

/* kB in a unit of the memory axis. */
static uint64_t memory_unit(uint64_t kB, const char **ret_name)
{
	*ret_name = kB >= 10 * MIB ? "GiB" : "MiB";
	return kB >= 10 * MIB ? MIB : KIB;
}

static uint64_t total_kB(const struct plot_input *in)
{
	const struct plot_row *r = in->data->row;

	return in->data->n ? r->kernel_kB + r->anon_kB + r->shmem_kB + r->file_kB + r->free_kB : 0;
}

void plot_memory_data(struct strbuf *out, const struct plot_input *in)
{
	strbuf_puts(out, "# "
			 "time_s\tkernel_kB\tanon_kB\tshmem_kB\tfile_kB\tfree_kB\tswap_used_kB\twmark_min_kB\twmark_"
			 "low_kB\twmark_high_kB\n");
	for (size_t i = 0; i < in->data->n; i++) {
		const struct plot_row *r = &in->data->row[i];

		plot_seconds(out, r->t_ns);
		strbuf_addf(out, "\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\n", U(r->kernel_kB),
			    U(r->anon_kB), U(r->shmem_kB), U(r->file_kB), U(r->free_kB), U(r->swap_kB),
			    U(r->wmark_min_kB), U(r->wmark_low_kB), U(r->wmark_high_kB));
	}
}

static void kill_key(struct strbuf *out, const struct collect *c)
{
	if (c->nkill)
		strbuf_puts(out, ", \\\n NaN with lines lw 1.6 lc rgb '" VERMILLION "' title 'process killed'");
}

/* The stack of kinds, from the kernel's own memory up to free memory; swap as a line over it. */
static void memory_stack(struct strbuf *out, const struct plot_input *in)
{
	uint64_t swap = in->collect->peak_swap_used_kB, top = u64_max(total_kB(in), swap);

	strbuf_addf(out, "set yrange [0:%llu./mem]\n", U(top + top / 50));
	strbuf_puts(out,
		    "plot 'memory.dat' using ($1/unit):(($2+$3+$4+$5)/mem):(($2+$3+$4+$5+$6)/mem) with filledcurves lc "
		    "rgb '#EDEDED' title 'free', \\\n"
		    " '' using ($1/unit):(($2+$3+$4)/mem):(($2+$3+$4+$5)/mem) with filledcurves lc rgb '" SKY
		    "' title 'file cache', \\\n"
		    " '' using ($1/unit):(($2+$3)/mem):(($2+$3+$4)/mem) with filledcurves lc rgb '" PURPLE
		    "' title 'shared memory', \\\n"
		    " '' using ($1/unit):($2/mem):(($2+$3)/mem) with filledcurves lc rgb '" ORANGE
		    "' title 'anonymous', \\\n"
		    " '' using ($1/unit):(0):($2/mem) with filledcurves lc rgb '" GREY "' title 'kernel and other'");
	if (in->collect->totalswap_pages)
		strbuf_puts(out,
			    ", \\\n '' using ($1/unit):($7/mem) with lines lw 3 lc rgb '" BLUE "' title 'swap used'");
	kill_key(out, in->collect);
	strbuf_puts(out, "\n");
}

/* The same free memory against the watermarks; logarithmic, since the drama is in the last few pages. */
static void watermarks(struct strbuf *out)
{
	strbuf_puts(out, "set logscale y\nset yrange [*:*]\nset ylabel sprintf('free memory (%s, log)', mem_name)\n");
	strbuf_puts(out,
		    "plot 'memory.dat' using ($1/unit):($10/mem) with lines lw 1.6 lc rgb '" GREEN
		    "' title 'high watermark', \\\n"
		    " '' using ($1/unit):($9/mem) with lines lw 1.6 lc rgb '" ORANGE "' title 'low watermark', \\\n"
		    " '' using ($1/unit):($8/mem) with lines lw 1.6 lc rgb '" BLUE "' title 'min watermark', \\\n"
		    " '' using ($1/unit):($6/mem) with lines lw 2.2 lc rgb 'black' title 'free'\n");
}

void plot_memory_script(struct strbuf *out, const struct plot_input *in)
{
	const char *name;
	uint64_t unit = memory_unit(total_kB(in), &name);
	unsigned top = plot_head(out, in, "memory", "where the memory went");

	strbuf_addf(out, "mem = %llu. # kB in a unit of the memory axis\nmem_name = '%s'\n", U(unit), name);
	strbuf_puts(out, "set multiplot\n");
	plot_panel(out, top, 400);
	strbuf_puts(out, "set format x ''\nset ylabel sprintf('memory (%s)', mem_name) offset 1,0\n");
	memory_stack(out, in);
	next_panel(out);
	plot_panel(out, 365, 110);
	time_axis(out, in->collect);
	watermarks(out);
	strbuf_puts(out, "unset multiplot\n");
}

/* Growth of a counter from the row before, a second. */
static uint64_t rate(uint64_t now, uint64_t before, sim_ns dt)
{
	return dt ? u64_muldiv(u64_sub0(now, before), NS_PER_SEC, dt) : 0;
}

/* Share of the time since the row before that was stalled, in hundredths of a percent. */
static uint64_t share(uint64_t now_us, uint64_t before_us, sim_ns dt)
{
	return dt ? u64_min(u64_muldiv(u64_sub0(now_us, before_us), NS_PER_US * 10000, dt), 10000) : 0;
}

void plot_psi_data(struct strbuf *out, const struct plot_input *in)
{
	strbuf_puts(
		out,
		"# "
		"time_s\tsome_share_%\tfull_share_%\tsome_avg10_%\tfull_avg10_%\tpgmajfault/s\tpswpin/s\tpswpout/s\n");
	for (size_t i = 0; i < in->data->n; i++) {
		const struct plot_row *r = &in->data->row[i], *b = i ? r - 1 : r;
		sim_ns dt = r->t_ns - b->t_ns;
		const uint64_t percent[] = { share(r->some_us, b->some_us, dt), share(r->full_us, b->full_us, dt),
					     r->some_avg10, r->full_avg10 };

		plot_seconds(out, r->t_ns);
		for (size_t j = 0; j < ARRAY_LEN(percent); j++) {
			strbuf_puts(out, "\t");
			plot_hundredths(out, percent[j]);
		}
		strbuf_addf(out, "\t%llu\t%llu\t%llu\n", U(rate(r->pgmajfault, b->pgmajfault, dt)),
			    U(rate(r->pswpin, b->pswpin, dt)), U(rate(r->pswpout, b->pswpout, dt)));
	}
}

void plot_psi_script(struct strbuf *out, const struct plot_input *in)
{
	unsigned top = plot_head(out, in, "psi", "who had to wait for memory");

	strbuf_puts(out, "set multiplot\n");
	plot_panel(out, top, 400);
	strbuf_puts(out, "set format x ''\nset yrange [0:102]\nset ylabel 'memory pressure (% of time)' offset 1,0\n");
	strbuf_puts(out, "plot 'psi.dat' using ($1/unit):2 with filledcurves y1=0 lc rgb '" PALE_BLUE
			 "' title 'some stalled', \\\n"
			 " '' using ($1/unit):3 with filledcurves y1=0 lc rgb '" PALE_PURPLE
			 "' title 'all stalled (full)', \\\n"
			 " '' using ($1/unit):4 with lines lw 2.4 lc rgb '" BLUE "' title 'some avg10', \\\n"
			 " '' using ($1/unit):5 with lines lw 2.4 lc rgb '" PURPLE "' title 'full avg10'");
	kill_key(out, in->collect);
	strbuf_puts(out, "\n");
	next_panel(out);
	plot_panel(out, 365, 110);
	time_axis(out, in->collect);
	strbuf_puts(out, "set yrange [0:*]\nset ylabel 'pages or faults a second' offset 1,0\nset format y '%.0s%c'\n");
	strbuf_puts(out, "plot 'psi.dat' using ($1/unit):8 with lines lw 2.2 lc rgb '" ORANGE
			 "' title 'swap-out (pswpout)', \\\n"
			 " '' using ($1/unit):7 with lines lw 2.2 lc rgb '" BLUE "' title 'swap-in (pswpin)', \\\n"
			 " '' using ($1/unit):6 with lines lw 2.2 lc rgb '" GREEN
			 "' title 'major faults'\nunset multiplot\n");
}

void plot_rss_data(struct strbuf *out, const struct plot_input *in)
{
	strbuf_puts(out, "# time_s");
	for (size_t i = 0; i < in->ntop; i++)
		strbuf_addf(out, "\tpid_%d_kB", in->top[i].pid);
	strbuf_puts(out, "\trest_kB\n");
	for (size_t i = 0; i < in->data->n; i++) {
		const struct plot_row *r = &in->data->row[i];
		uint64_t named = 0;

		if (!r->has_tasks)
			continue;
		plot_seconds(out, r->t_ns);
		for (size_t j = 0; j < in->ntop; j++) {
			const struct plot_rss *x = plot_row_find(r, in->top[j].pid);

			/* NaN ends the line where the process ended. */
			if (x)
				strbuf_addf(out, "\t%llu", U(x->kB));
			else
				strbuf_puts(out, "\tNaN");
			named += x ? x->kB : 0;
		}
		strbuf_addf(out, "\t%llu\n", U(u64_sub0(r->rss_kB, named)));
	}
}

static void rss_curve(struct strbuf *out, const struct plot_input *in, size_t i)
{
	static const char *const colour[PLOT_TOP_MAX] = { BLUE, ORANGE, GREEN, PURPLE, SKY, "black", "#B8A900" };
	char comm[TEXT_MAX], text[TEXT_MAX + 16];

	text_plain(comm, sizeof(comm), in->top[i].comm);
	snprintf(text, sizeof(text), "%s (%d)", comm, in->top[i].pid);
	strbuf_addf(out, "%s using ($1/unit):($%zu/mem) with lines lw 2.4 lc rgb '%s' title ",
		    i ? ", \\\n ''" : "plot 'rss.dat'", i + 2, colour[i]);
	plot_string(out, text);
}

static bool has_rest(const struct plot_input *in)
{
	const struct plot_rss *x;

	for (size_t i = 0; i < in->data->n; i++) {
		const struct plot_row *r = &in->data->row[i];
		uint64_t named = 0;

		for (size_t j = 0; j < in->ntop; j++)
			named += (x = plot_row_find(r, in->top[j].pid)) ? x->kB : 0;
		if (r->rss_kB > named)
			return true;
	}
	return false;
}

void plot_rss_script(struct strbuf *out, const struct plot_input *in)
{
	const char *name;
	uint64_t unit = memory_unit(in->ntop ? in->top[0].peak_kB : 0, &name);
	unsigned top = plot_head(out, in, "rss", "resident memory of each process");

	strbuf_addf(out, "mem = %llu. # kB in a unit of the memory axis\n", U(unit));
	plot_panel(out, top, 110);
	time_axis(out, in->collect);
	strbuf_addf(out, "set yrange [0:*]\nset ylabel 'resident set size (%s)' offset 1,0\n", name);
	for (size_t i = 0; i < in->ntop; i++)
		rss_curve(out, in, i);
	if (in->ntop == 0)
		strbuf_puts(out, "set yrange [0:1]\nplot NaN notitle");
	else if (has_rest(in))
		strbuf_addf(out,
			    ", \\\n '' using ($1/unit):($%zu/mem) with lines lw 2 lc rgb '" GREY "' title 'all others'",
			    in->ntop + 2);
	kill_key(out, in->collect);
	strbuf_puts(out, "\n");
}
