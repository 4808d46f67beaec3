/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory, psi and rss: .dat and .gp always, .svg where gnuplot is at hand. */
#include "sim/sink/plots.h"

#include <stdio.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/sink/format.h"
#include "sim/sink/gnuplot.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

static const struct picture {
	const char *dat, *gp, *svg, *title;
	plot_writer *data, *script;
} pictures[] = {
	{ "memory.dat", "memory.gp", "memory.svg", "Memory over time", plot_memory_data, plot_memory_script },
	{ "psi.dat", "psi.gp", "psi.svg", "Memory pressure over time", plot_psi_data, plot_psi_script },
	{ "rss.dat", "rss.gp", "rss.svg", "Resident memory of processes over time", plot_rss_data, plot_rss_script },
};

struct plots {
	struct plot_data data;
	struct sink_error *error;
};

static int plots_open(void *state, const struct sink_env *env)
{
	struct plots *p = state;

	p->error = env->error;
	return SIM_OK;
}

static int checked(struct plots *p, int err)
{
	return err ? sink_error_nomem(p->error) : SIM_OK;
}

static int plots_sample(void *ctx, const struct rec_sample *r)
{
	struct plots *p = ctx;

	return checked(p, plot_data_sample(&p->data, r));
}

static int plots_task(void *ctx, const struct rec_task *r)
{
	struct plots *p = ctx;

	return checked(p, plot_data_task(&p->data, r));
}

/* The world's last state makes a last row unless the last sample was of the same moment. */
static int plots_end(void *ctx, const struct rec_end *r)
{
	struct plots *p = ctx;

	if (r->last && (!p->data.has_pending || r->last->t_ns > p->data.pending.t_ns))
		return checked(p, plot_data_sample(&p->data, r->last));
	return SIM_OK;
}

static int write_file(const struct sink_env *env, const char *name, plot_writer *writer, const struct plot_input *in)
{
	struct strbuf text = { 0 };
	struct out o;
	int err;

	writer(&text, in);
	if (text.failed)
		err = sink_error_nomem(env->error);
	else
		err = out_open(&o, env->dirfd, name, env->error);
	if (!err) {
		out_bytes(&o, text.s, text.len);
		err = out_close(&o);
	}
	strbuf_free(&text);
	return err;
}

/* Draw one picture. SIM_OK also when gnuplot could not, which is said in the note: the simulation is none the worse. */
static int draw(const struct sink_env *env, const struct picture *p)
{
	const char *program = env->opt->gnuplot ? env->opt->gnuplot : "gnuplot";
	const char *path = env->opt->path ? env->opt->path : DEFAULT_PATH;
	enum gnuplot_result r = gnuplot_run(program, path, env->dirfd, p->gp);
	bool drawn = r != GNUPLOT_ABSENT && gnuplot_finish_svg(env->dirfd, p->svg, p->title, env->error);

	if (r == GNUPLOT_ABSENT)
		snprintf(env->note, NOTE_MAX,
			 "gnuplot is not installed, so no pictures were drawn; the scripts are there: gnuplot %s",
			 p->gp);
	else if (!drawn && env->error->code == SIM_OK)
		snprintf(env->note, NOTE_MAX, "gnuplot failed on %s, so %s is missing", p->gp, p->svg);
	return env->error->code;
}

static int plots_close(void *state, const struct sink_env *env)
{
	struct plots *p = state;
	struct plot_input in = { .data = &p->data, .collect = env->collect };
	size_t top = env->opt->rss_top ? u64_min(env->opt->rss_top, PLOT_TOP_MAX) : PLOT_TOP_MAX;
	int err = checked(p, plot_data_end(&p->data));

	in.ntop = plot_data_top(&p->data, in.top, top);
	for (size_t i = 0; i < ARRAY_LEN(pictures) && !err; i++) {
		err = write_file(env, pictures[i].dat, pictures[i].data, &in);
		if (!err)
			err = write_file(env, pictures[i].gp, pictures[i].script, &in);
		if (!err && env->opt->plots && p->data.n)
			err = draw(env, &pictures[i]);
	}
	return err;
}

static void plots_release(void *state)
{
	struct plots *p = state;

	plot_data_free(&p->data);
}

const struct sink_format sink_plots = {
	.name = "plots",
	.state_size = sizeof(struct plots),
	.open = plots_open,
	.cb = { .sample = plots_sample, .task = plots_task, .end = plots_end },
	.close = plots_close,
	.release = plots_release,
};
