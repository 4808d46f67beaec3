/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the pictures have in common: size, fonts, title, time axis, and the kill lines. A kill's label stands above the
 * picture, to the right of its line; labels that would run into each other go down a row, so that no line ever crosses a
 * label: the line of a label in one row has nothing but free room below it.
 */
#include <stdio.h>
#include <string.h>

#include "sim/sink/plots.h"
#include "sim/sink/text.h"

#define WIDTH      1280 /* pixels */
#define HEIGHT     800
#define LEFT       85 /* margins, 1/1000 of the screen */
#define RIGHT      780
#define FIRST_ROW  898 /* of labels */
#define ROW        26
#define ROWS       5
#define CHAR_WIDTH 8   /* pixels of a label's character, rather too many */
#define MAX_LINES  200 /* kill lines; beyond that there is nothing left to see */

uint64_t plot_time_unit(const struct collect *c, const char **ret_name)
{
	uint64_t s = c->end_ns / NS_PER_SEC, unit = s > 4 * 3600 ? 3600 : s > 600 ? 60 : 1;

	*ret_name = unit == 3600 ? "hours" : unit == 60 ? "minutes" : "seconds";
	return unit;
}

/* Single-quoted strings of gnuplot know no escape but the doubled quote. */
void plot_string(struct strbuf *out, const char *s)
{
	strbuf_puts(out, "'");
	for (const char *p = s; *p; p++) {
		if (*p == '\'')
			strbuf_puts(out, "'");
		strbuf_add(out, p, 1);
	}
	strbuf_puts(out, "'");
}

void plot_hundredths(struct strbuf *out, uint64_t v)
{
	strbuf_addf(out, "%llu.%02llu", (unsigned long long)(v / 100), (unsigned long long)(v % 100));
}

void plot_seconds(struct strbuf *out, sim_ns t)
{
	strbuf_addf(out, "%llu.%06llu", (unsigned long long)(t / NS_PER_SEC),
		    (unsigned long long)(t % NS_PER_SEC / NS_PER_US));
}

void plot_panel(struct strbuf *out, unsigned top, unsigned bottom)
{
	strbuf_addf(out, "set lmargin at screen 0.%03u; set rmargin at screen 0.%03u\n", LEFT, RIGHT);
	strbuf_addf(out, "set tmargin at screen 0.%03u; set bmargin at screen 0.%03u\n", top, bottom);
	strbuf_addf(out,
		    "set key at screen 0.%03u, screen 0.%03u left top Left reverse samplen 2 spacing 1.25 width 0\n",
		    RIGHT + 12, top);
}

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void label_text(char *ret, size_t n, const struct rec_kill *k)
{
	char comm[TEXT_MAX], by[TEXT_MAX];

	text_plain(comm, sizeof(comm), k->comm);
	text_plain(by, sizeof(by), k->by);
	if (strcmp(k->by, "kernel") == 0)
		snprintf(ret, n, "%.300s (%d)", comm, k->pid);
	else
		snprintf(ret, n, "%.300s (%d) by %.60s", comm, k->pid, by);
}

/* The topmost row from which the line at x down to the picture meets no label; ROWS if there is none. */
static unsigned free_row(const uint64_t end[ROWS], uint64_t x)
{
	unsigned row = ROWS;

	while (row > 0 && end[row - 1] <= x)
		row--;
	return row;
}

struct labels {
	unsigned row[MAX_LINES]; /* ROWS: the line has no label */
	unsigned used;           /* rows */
	size_t n, unlabelled;
};

static void place_labels(struct labels *l, const struct collect *c)
{
	uint64_t end[ROWS] = { 0 };

	*l = (struct labels){ .n = u64_min(c->nkill, MAX_LINES) };
	for (size_t i = 0; i < l->n; i++) {
		const struct rec_kill *k = &c->kill[i].k;
		uint64_t x = u64_muldiv(k->t_ns, WIDTH * (RIGHT - LEFT) / 1000, u64_max(c->end_ns, 1));
		char text[TEXT_MAX];

		label_text(text, sizeof(text), k);
		l->row[i] = free_row(end, x);
		if (l->row[i] == ROWS) {
			l->unlabelled++;
			continue;
		}
		end[l->row[i]] = x + CHAR_WIDTH * (characters(text) + 2);
		l->used = l->row[i] + 1 > l->used ? l->row[i] + 1 : l->used;
	}
}

/* Lines without a label end at the picture's edge. */
static void kill_line(struct strbuf *out, const struct rec_kill *k, unsigned row, unsigned top)
{
	unsigned y = row < ROWS ? FIRST_ROW - row * ROW : top;
	char text[TEXT_MAX];

	strbuf_puts(out, "set arrow from first ");
	plot_seconds(out, k->t_ns);
	strbuf_puts(out, "/unit, graph 0 to first ");
	plot_seconds(out, k->t_ns);
	strbuf_addf(out, "/unit, screen 0.%03u nohead front lw %s lc rgb '#D55E00'\n", y, row < ROWS ? "1.6" : "0.6");
	if (row == ROWS)
		return;
	label_text(text, sizeof(text), k);
	strbuf_puts(out, "set label ");
	plot_string(out, text);
	strbuf_puts(out, " at first ");
	plot_seconds(out, k->t_ns);
	strbuf_addf(out, "/unit, screen 0.%03u left offset character 0.5,-0.1 font ',13' tc rgb '#A84300' front\n",
		    y - 8);
}

static void amount(struct strbuf *out, uint64_t bytes)
{
	uint64_t unit = bytes >= 10 * GIB ? GIB : MIB;

	strbuf_addf(out, "%llu %s", (unsigned long long)((bytes + unit / 2) / unit), unit == GIB ? "GiB" : "MiB");
}

static void subtitle(struct strbuf *out, const struct collect *c, const struct labels *l)
{
	struct strbuf s = { 0 };
	char release[TEXT_MAX];

	text_plain(release, sizeof(release), c->release);
	strbuf_addf(&s, "Linux %s, %u CPU%s, ", release, c->ncpu, c->ncpu == 1 ? "" : "s");
	amount(&s, c->memory);
	strbuf_puts(&s, " RAM, ");
	if (c->totalswap_pages)
		amount(&s, c->totalswap_pages * c->page_size);
	else
		strbuf_puts(&s, "no");
	strbuf_addf(&s, " swap, seed %llu; simulated", (unsigned long long)c->seed);
	if (c->nkill)
		strbuf_addf(&s, "; %zu killed", c->nkill);
	if (l->unlabelled || c->nkill > l->n)
		strbuf_puts(&s, " (not all labelled)");
	plot_string(out, s.s ? s.s : "");
	out->failed |= s.failed;
	strbuf_free(&s);
}

static void title(struct strbuf *out, const struct plot_input *in, const struct labels *l, const char *what)
{
	struct strbuf s = { 0 };
	char scenario[TEXT_MAX];

	text_plain(scenario, sizeof(scenario), in->collect->scenario);
	strbuf_addf(&s, "%s: %s", scenario, what);
	strbuf_puts(out, "set label ");
	plot_string(out, s.s ? s.s : "");
	strbuf_addf(out, " at screen 0.%03u, screen 0.968 left font ',21'\nset label ", LEFT);
	subtitle(out, in->collect, l);
	strbuf_addf(out, " at screen 0.%03u, screen 0.932 left font ',14' tc rgb '#555555'\n", LEFT);
	out->failed |= s.failed;
	strbuf_free(&s);
}

unsigned plot_head(struct strbuf *out, const struct plot_input *in, const char *name, const char *what)
{
	struct labels l;
	const char *unit_name;
	uint64_t unit = plot_time_unit(in->collect, &unit_name);
	unsigned top;

	place_labels(&l, in->collect);
	top = FIRST_ROW - l.used * ROW + 2;
	strbuf_addf(out, "# %s.svg: draw it again with `gnuplot %s.gp` in this folder\n", name, name);
	strbuf_addf(out,
		    "set terminal svg size %d,%d noenhanced font 'sans-serif,16' background rgb 'white' name '%s'\n",
		    WIDTH, HEIGHT, name);
	strbuf_addf(out, "set output '%s.svg'\nset encoding utf8\nset datafile separator \"\\t\"\n", name);
	strbuf_addf(out, "unit = %llu. # seconds in a unit of the time axis\n", (unsigned long long)unit);
	strbuf_puts(out, "set border 3 lw 1 lc rgb '#444444'\nset tics nomirror out scale 0.6\nset grid ytics lw 0.7 "
			 "lc rgb '#DDDDDD'\n");
	strbuf_puts(out, "set style fill solid 1.0 noborder\nset xrange [0:");
	plot_seconds(out, u64_max(in->collect->end_ns, NS_PER_MS));
	strbuf_puts(out, "/unit]\n");
	title(out, in, &l, what);
	for (size_t i = 0; i < l.n; i++)
		kill_line(out, &in->collect->kill[i].k, l.row[i], top);
	return top;
}
