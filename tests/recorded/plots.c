/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures for the page: measured is broad and pale, simulated is thin and dark on top of it. Hues are those of Okabe and Ito, which
 * the colour-blind can tell apart. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/recorded/bars.h"
#include "tests/recorded/fidelity.h"
#include "tests/recorded/thrash.h"

#define MAX_KILLS 20 /* lines drawn in a picture of memory */

static void head(FILE *f, const struct plot *p, int width, int height)
{
	fprintf(f, "set terminal svg size %d,%d font 'sans-serif,16' background rgb 'white' name 'fidelity'\n", width, height);
	fprintf(f, "set output '%s.svg'\nset encoding utf8\n", p->name);
	fputs("set border 3 lw 1 lc rgb '#444444'\nset tics nomirror out scale 0.6\nset grid ytics lw 0.7 lc rgb '#DDDDDD'\n"
	      "set key outside right top Left reverse samplen 2 spacing 1.25\n",
	      f);
}

/* ---- memory over time ---- */

static const struct {
	const char *name, *pale, *dark;
} lines[] = {
	{ "anonymous", "#F5CF85", "#A85F00" },
	{ "file cache", "#9AD0F2", "#00507D" },
	{ "free", "#CCCCCC", "#000000" },
	{ "swap used", "#E2B5CF", "#8C3468" },
};
#define NLINES (sizeof(lines) / sizeof(*lines))

static void memory_data(FILE *f, const char *name, const struct outcome *o)
{
	size_t i;

	fprintf(f, "$%s << EOD\n", name);
	for (i = 0; i < o->npoint; i++) {
		const struct oc_point *p = &o->point[i];

		fprintf(f, "%.3f %.2f %.2f %.2f %.2f\n", p->t_ms / 1000, p->anon_kB / 1024, p->file_kB / 1024, p->free_kB / 1024,
			p->swap_kB / 1024);
	}
	fputs("EOD\n", f);
}

static void kill_lines(FILE *f, const struct outcome *o, const char *colour, double width, const char *depth)
{
	size_t i;

	for (i = 0; i < o->nkill && i < MAX_KILLS; i++)
		fprintf(f, "set arrow from %.3f, graph 0 to %.3f, graph 1 nohead lw %.1f lc rgb '%s' %s\n", o->kill[i].t_ms / 1000,
			o->kill[i].t_ms / 1000, width, colour, depth);
}

static void memory_script(FILE *f, const struct plot *p, const struct comparison *c, size_t n)
{
	const char *sep = "plot";
	size_t i;

	while (n && strcmp(c->name, p->of))
		c++, n--;
	head(f, p, 1280, 520);
	memory_data(f, "measured", &c->real);
	memory_data(f, "simulated", &c->sim);
	kill_lines(f, &c->real, "#F3B891", 5, "back");
	kill_lines(f, &c->sim, "#D55E00", 1.4, "front");
	fprintf(f, "set title '%s'\nset xlabel 'time (s)'\nset ylabel 'memory (MiB)'\nset xrange [0:%.3f]\nset yrange [0:*]\n", p->title,
		c->real.end_ms / 1000);
	for (i = 0; i < NLINES; i++, sep = ",")
		fprintf(f, "%s $measured using 1:%zu with lines lw 6 lc rgb '%s' title '%s, measured'", sep, i + 2, lines[i].pale, lines[i].name);
	for (i = 0; i < NLINES; i++)
		fprintf(f, ", $simulated using 1:%zu with lines lw 1.6 lc rgb '%s' title '%s, simulated'", i + 2, lines[i].dark, lines[i].name);
	if (c->real.nkill)
		fputs(", NaN with lines lw 5 lc rgb '#F3B891' title 'kill, measured'", f);
	if (c->sim.nkill)
		fputs(", NaN with lines lw 1.4 lc rgb '#D55E00' title 'kill, simulated'", f);
	fputc('\n', f);
}

/* ---- time to first kill ---- */

static const char *const hue[] = { "#0072B2", "#009E73", "#56B4E9", "#D55E00", "#E69F00", "#CC79A7", "#000000" };
#define NHUE (sizeof(hue) / sizeof(*hue))

static void kills_script(FILE *f, const struct plot *p, const struct comparison *c, size_t n)
{
	size_t nk, k, i;
	const char **kernel = bar_kernels(c, n, &nk);

	head(f, p, 1000, 720);
	for (k = 0; k < nk; k++) {
		fprintf(f, "$k%zu << EOD\nNaN NaN\n", k);
		for (i = 0; i < n; i++)
			if (!strcmp(strrchr(c[i].name, '-') + 1, kernel[k]) && c[i].real.nkill && c[i].sim.nkill)
				fprintf(f, "%.4f %.4f\n", c[i].real.kill[0].t_ms / 1000, c[i].sim.kill[0].t_ms / 1000);
		fputs("EOD\n", f);
	}
	fprintf(f, "set title '%s'\nset xlabel 'measured (s)'\nset ylabel 'simulated (s)'\nset logscale xy\nset size ratio 1\nset grid xtics "
		   "ytics lw 0.7 lc rgb '#DDDDDD'\nset xrange [1:30]\nset yrange [1:30]\nset xtics (1,2,5,10,20,30)\nset ytics (1,2,5,10,20,30)\n"
		   "plot '+' using 1:($1*0.9):($1*1.1) with filledcurves fc rgb '#E6E6E6' title 'within 10 %%', x with lines lw 1 lc rgb "
		   "'#444444' title 'equal'",
		p->title);
	for (k = 0; k < nk; k++)
		fprintf(f, ", $k%zu with points pt %zu ps 0.9 lw 1.6 lc rgb '%s' title '%s'", k, (size_t[]){ 6, 4, 8, 12, 10, 1, 2 }[k % NHUE],
			hue[k % NHUE], kernel[k]);
	fputc('\n', f);
	free(kernel);
}

/* ---- thrashing ---- */

static void thrash_panel(FILE *f, const struct thrash_point *p, size_t n, const char *kernel, size_t k)
{
	size_t i;

	fprintf(f, "$t%zu << EOD\n", k);
	for (i = 0; i < n; i++)
		if (!strcmp(p[i].kernel, kernel))
			fprintf(f, "%.0f %.1f %.1f\n", p[i].percent, p[i].real, p[i].sim);
	fprintf(f, "EOD\nset title 'Linux %s'\nplot $t%zu using 1:2 with linespoints lw 6 pt 7 ps 0.9 lc rgb '#9AD0F2' title 'measured', $t%zu using "
		   "1:3 with linespoints lw 1.6 pt 2 ps 0.8 lc rgb '#00507D' title 'simulated'\n",
		kernel, k, k);
}

/* Variants (+mglru, +classic) were recorded at a few sizes only, and have no panel. */
static void thrash_script(FILE *f, const struct plot *p, const struct comparison *c, size_t n)
{
	size_t m, nk, k, panel = 0;
	struct thrash_point *t = thrash_points(c, n, &m);
	const char **kernel = bar_kernels(c, n, &nk);

	head(f, p, 1280, 800);
	fprintf(f, "set multiplot layout 2,2 title '%s'\nset logscale y\nset yrange [5e3:5e7]\nset format y '10^{%%T}'\nset xrange [75:205]\n"
		   "set xlabel 'working set (%% of MemAvailable)'\nset ylabel 'accesses per second'\n",
		p->title);
	for (k = 0; k < nk && panel < 4; k++)
		if (!strchr(kernel[k], '+'))
			thrash_panel(f, t, m, kernel[k], panel++);
	fputs("unset multiplot\n", f);
	free(kernel);
	free(t);
}

const struct plot fidelity_plots[] = {
	{ "memory-leak-swap-6.1", "A leak with swap on Linux 6.1: memory until the kill, and after", "leak-swap-6.1", memory_script },
	{ "memory-reader-leak-6.1", "A leak beside a reader of a file, no swap, on Linux 6.1", "reader-leak-6.1", memory_script },
	{ "memory-ws-120-6.12", "Random writes to 120 % of the available memory on Linux 6.12", "ws-120-6.12", memory_script },
	{ "memory-swappiness-60-7.2", "A cold program, a reader and a leak on Linux 7.2", "swappiness-60-7.2", memory_script },
	{ "first-kill", "Time to the first kill, each recording", NULL, kills_script },
	{ "throughput", "Useful work against the size of the working set", NULL, thrash_script },
};
const size_t nfidelity_plots = sizeof(fidelity_plots) / sizeof(*fidelity_plots);
