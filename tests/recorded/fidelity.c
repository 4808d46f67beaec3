/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/recorded/fidelity.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/recorded/bars.h"
#include "tests/recorded/compare.h"
#include "sim/sink/gnuplot.h"

#define PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin"

struct folder {
	const char *dir, *why;
	int fd;
	const struct comparison *c;
	size_t n;
};

static FILE *create(const struct folder *d, const char *name)
{
	int fd = openat(d->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		fprintf(stderr, "fidelity: %s/%s: %s\n", d->dir, name, strerror(errno));
	return f;
}

static bool finish(const struct folder *d, const char *name, FILE *f)
{
	bool ok = f && !ferror(f);

	if (f && fclose(f))
		ok = false;
	if (f && !ok)
		fprintf(stderr, "fidelity: %s/%s: %s\n", d->dir, name, strerror(errno));
	return ok;
}

/* ---- table.tsv ---- */

static void tsv_row(FILE *f, const char *recording, const char *what, const char *unit, double real, double sim, double e)
{
	fprintf(f, "%s\t%s\t%s\t", recording, what, unit);
	if (!isnan(real))
		fprintf(f, "%.3f", real);
	fputc('\t', f);
	if (!isnan(sim))
		fprintf(f, "%.3f", sim);
	fputc('\t', f);
	if (!isnan(e))
		fprintf(f, "%.5f", e);
	fputc('\n', f);
}

static void tsv_recording(FILE *f, const struct comparison *c)
{
	char what[64];
	size_t i;
	int m;

	tsv_row(f, c->name, "same victims", "", 1, c->ran && outcome_same_victims(&c->real, &c->sim), NAN);
	for (i = 0; c->ran && i < c->real.nkill; i++) {
		snprintf(what, sizeof(what), "kill %zu, %s", i + 1, c->real.kill[i].comm);
		tsv_row(f, c->name, what, "ms", c->real.kill[i].t_ms, i < c->sim.nkill ? c->sim.kill[i].t_ms : NAN, kill_error(c, i));
	}
	for (m = 0; c->ran && m < M_COUNT; m++) {
		double real = measure_value((enum measure_id)m, &c->real), sim = measure_value((enum measure_id)m, &c->sim);

		if (real != 0 || sim != 0)
			tsv_row(f, c->name, measures[m].name, measures[m].unit, real, sim, measure_error((enum measure_id)m, c));
	}
	for (m = 0; c->ran && m < CURVE_COUNT; m++)
		tsv_row(f, c->name, curve_name[m], "share of RAM", NAN, NAN, curve_error((enum curve)m, c));
}

static bool write_tsv(const struct folder *d)
{
	FILE *f = create(d, "table.tsv");
	size_t i;

	if (f)
		fputs("recording\tquantity\tunit\tmeasured\tsimulated\terror\n", f);
	for (i = 0; f && i < d->n; i++)
		tsv_recording(f, &d->c[i]);
	return finish(d, "table.tsv", f);
}

/* ---- README.md ---- */

static bool include(FILE *out, const char *path)
{
	FILE *f = fopen(path, "r");
	int ch;

	if (!f) {
		fprintf(stderr, "fidelity: %s: %s\n", path, strerror(errno));
		return false;
	}
	while ((ch = getc(f)) != EOF)
		putc(ch, out);
	fclose(f);
	return true;
}

static void plots_shown(FILE *f, bool of_recordings)
{
	size_t i;

	for (i = 0; i < nfidelity_plots; i++)
		if (of_recordings == (fidelity_plots[i].of != NULL))
			fprintf(f, "![%s](%s.svg)\n\n", fidelity_plots[i].title, fidelity_plots[i].name);
}

static bool write_page(const struct folder *d)
{
	FILE *f = create(d, "README.md");
	bool ok = f;

	if (!f)
		return false;
	fprintf(f, "# Simulated beside measured\n\n"
		   "All %zu recordings of real kernels, each simulated on a machine made of its own facts (zones, watermarks, sysctls), with one "
		   "preset of\ncosts and devices for all of them. Written by `make fidelity`; the figures of each recording are in "
		   "[table.tsv](table.tsv).\n\n", d->n);
	page_bars(f, d->c, d->n);
	fputs("\nErrors are |simulated - measured| / measured. A figure counts where one side has at least 100 events, pages or ms (400 kB); "
	      "below\nthat it is shown and not counted, and a smaller measurement is taken for 100 when the simulation has more. "
	      "Percentiles are by nearest rank.\n'of' is how many recordings (kills) have a say. Memory over time: the mean over time of the absolute "
	      "difference, as a share of 256 MiB,\nover recordings.\n\n", f);
	plots_shown(f, true);
	fputs("## By kernel\n\nA figure beyond its bar has a **!**.\n\n", f);
	page_kernels(f, d->c, d->n);
	fputs("\n## Where and why they differ\n\n", f);
	ok = include(f, d->why);
	fputs("\n### What is far off, one by one\n\n", f);
	page_outside(f, d->c, d->n);
	fputs("\n## Useful work against the size of the working set\n\nUniform random writes for 8 s; the working set is given in % of MemAvailable. The knee "
	      "is the first of these sizes at which less than a\ntenth of the work of the smallest is done.\n\n", f);
	page_thrash(f, d->c, d->n);
	fputs("\n", f);
	plots_shown(f, false);
	fputs("## All figures\n\n", f);
	page_measures(f, d->c, d->n);
	fputs("\n## Recording by recording\n\nmeasured/simulated; PSI in ms; the last columns are memory over time.\n\n", f);
	page_recordings(f, d->c, d->n);
	return finish(d, "README.md", f) && ok;
}

static bool write_headline(const struct folder *d)
{
	FILE *f = create(d, "headline.md");

	if (f)
		page_headline(f, d->c, d->n);
	return finish(d, "headline.md", f);
}

/* ---- plots ---- */

static bool draw(const struct folder *d, const struct plot *p)
{
	struct sink_error e = { .dir = d->dir };
	char script[64], svg[64];
	enum gnuplot_result r;
	FILE *f;

	snprintf(script, sizeof(script), "%s.gp", p->name);
	snprintf(svg, sizeof(svg), "%s.svg", p->name);
	f = create(d, script);
	if (f)
		p->script(f, p, d->c, d->n);
	if (!finish(d, script, f))
		return false;
	r = gnuplot_run("gnuplot", PATH_DEFAULT, d->fd, script);
	if (r == GNUPLOT_ABSENT) {
		fprintf(stderr, "fidelity: gnuplot is not installed, so %s is left as it was\n", svg);
	} else if (r == GNUPLOT_FAILED || !gnuplot_finish_svg(d->fd, svg, p->title, &e)) {
		fprintf(stderr, "fidelity: gnuplot failed on %s/%s%s%s\n", d->dir, script, e.code ? ": " : "", e.text);
		return false;
	}
	unlinkat(d->fd, script, 0);
	return true;
}

static bool has(const struct folder *d, const char *recording)
{
	size_t i;

	for (i = 0; recording && i < d->n; i++)
		if (!strcmp(d->c[i].name, recording))
			return d->c[i].ran;
	return !recording;
}

static bool write_plots(const struct folder *d)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < nfidelity_plots; i++)
		ok &= !has(d, fidelity_plots[i].of) || draw(d, &fidelity_plots[i]);
	return ok;
}

/* ---- on the terminal ---- */

/* Name the bars that are missed; how many. */
static size_t missed(const struct comparison *c, size_t n)
{
	size_t i, m = 0;

	for (i = 0; i < nbars; i++) {
		struct reached r = bar_reached(&bars[i], c, n, NULL);

		if (r.met)
			continue;
		m++;
		printf("missed: %s: %.2f %%, bar %.0f %%\n", bars[i].name, 100 * r.value, 100 * bars[i].limit);
	}
	return m;
}

int fidelity_report(const char *dir, const char *why, struct comparison *c, size_t n)
{
	struct folder d = { .dir = dir, .why = why, .c = c, .n = n };
	bool ok;

	if (mkdir(dir, 0777) && errno != EEXIST)
		fprintf(stderr, "fidelity: %s: %s\n", dir, strerror(errno));
	d.fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d.fd < 0) {
		fprintf(stderr, "fidelity: %s: %s\n", dir, strerror(errno));
		return 3;
	}
	page_recordings(stdout, c, n);
	putchar('\n');
	page_thrash(stdout, c, n);
	putchar('\n');
	page_kernels(stdout, c, n);
	putchar('\n');
	page_bars(stdout, c, n);
	ok = write_tsv(&d);
	ok &= write_page(&d);
	ok &= write_headline(&d);
	ok &= write_plots(&d);
	close(d.fd);
	putchar('\n');
	n = missed(c, n);
	printf("%zu of %zu bars missed; %s/README.md says where and why\n", n, nbars, dir);
	return !ok ? 3 : n ? 1 : 0;
}
