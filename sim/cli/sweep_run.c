/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/tee.h"

/* A child at work: it writes its struct sweep_row into a pipe, which holds more than that. */
struct job {
	pid_t pid;
	int fd;
	size_t run;
};

struct pool {
	const struct sweep_jobs *j;
	struct sweep_db *db;
	struct job *job;
	size_t n;
	size_t next, done, all;
	int status;
};

/* ---- one run, in the child ---- */

/* *set is for the caller to free whatever comes, and so are the texts. */
static bool set_values(const struct sweep_plan *p, size_t run, const struct load_args *a, const char **set,
		       struct strbuf *text)
{
	bool ok = true;

	if (a->nset)
		memcpy(set, a->set, a->nset * sizeof(*set));
	for (size_t v = 0; v < p->nvary; v++) {
		strbuf_addf(&text[v], "%s=", p->vary[v].path);
		plan_value(p, run, v, &text[v]);
		ok &= !text[v].failed;
		set[a->nset + v] = text[v].s;
	}
	return ok;
}

static int load_with(const struct sweep_jobs *j, const struct load_args *a, struct sim_config *ret)
{
	struct diag_list dl = { 0 };
	int status = load_scenario(j->scenario, a, ret, &dl);

	diag_print(&dl, stderr);
	diag_list_free(&dl);
	return status;
}

/* As load_scenario(). */
static int load_run(const struct sweep_jobs *j, const struct sweep_plan *p, size_t run, struct sim_config *ret)
{
	struct load_args a = *j->load;
	struct strbuf *text = calloc(p->nvary + 1, sizeof(*text));
	int status = EXIT_BROKEN;
	char seed[24];

	a.set = calloc(a.nset + p->nvary + 1, sizeof(*a.set));
	if (text && a.set && set_values(p, run, j->load, a.set, text)) {
		snprintf(seed, sizeof(seed), "%" PRIu64, plan_seed(p, run));
		a.seed = seed;
		a.nset += p->nvary;
		status = load_with(j, &a, ret);
	}
	for (size_t v = 0; text && v < p->nvary; v++)
		strbuf_free(&text[v]);
	free(text);
	free(a.set);
	return status;
}

int sweep_try(const struct sweep_jobs *j, const struct sweep_plan *p)
{
	struct sim_config cfg;
	int status = load_run(j, p, 0, &cfg);

	if (!status)
		sim_config_free(&cfg);
	return status;
}

static int measure(const struct sim_config *cfg, sim_ns from, struct sweep_row *ret)
{
	struct collect c;
	struct meter m;
	struct progress quiet;
	struct recorder out, meter, stop, all;
	struct tee tee = { .to = { &out, &meter, &stop }, .n = 3 };
	int err;

	collect_init(&c);
	out = collect_recorder(&c);
	meter = meter_recorder(&m, &c, from);
	progress_init(&quiet, cfg, true);
	stop = progress_recorder(&quiet);
	all = tee_recorder(&tee);
	err = simulate(cfg, &all);
	if (!err) {
		meter_read(&m, ret->v);
		collect_digest_hex(&c, ret->digest);
	}
	collect_free(&c);
	return err;
}

static void child(const struct sweep_jobs *j, const struct sweep_plan *p, size_t run, int fd)
{
	struct sweep_row row = { 0 };
	struct sim_config cfg;
	int status = load_run(j, p, run, &cfg), err;

	if (status)
		_exit(status);
	err = measure(&cfg, j->from, &row);
	if (err == SIM_EINTERRUPTED)
		interrupt_die();
	if (err)
		cli_error("run %zu: %s", run, sim_strerror(err));
	else if (write(fd, &row, sizeof(row)) != sizeof(row))
		err = SIM_EIO;
	_exit(cli_exit_status(err));
}

/* ---- the parent ---- */

static void fail(struct pool *p, int status)
{
	if (!p->status)
		p->status = status;
}

static bool wanted(const struct pool *p, size_t run)
{
	return run % p->j->nshard == p->j->shard && !p->db->row[run].done;
}

static void begin(struct pool *p, size_t run)
{
	struct job *job = &p->job[p->n];
	int fd[2];

	if (pipe(fd)) {
		cli_error("pipe: %s", strerror(errno));
		fail(p, EXIT_BROKEN);
		return;
	}
	fflush(NULL);
	job->pid = fork();
	if (!job->pid) {
		close(fd[0]);
		child(p->j, p->db->plan, run, fd[1]);
	}
	close(fd[1]);
	job->fd = fd[0];
	job->run = run;
	if (job->pid > 0) {
		p->n++;
		return;
	}
	cli_error("fork: %s", strerror(errno));
	close(fd[0]);
	fail(p, EXIT_BROKEN);
}

static void collect_result(struct pool *p, struct job *job, int wstatus)
{
	struct sweep_row row;
	int err;

	if (WIFSIGNALED(wstatus)) {
		fail(p, SIM_EINTERRUPTED);
	} else if (WEXITSTATUS(wstatus)) {
		fail(p, WEXITSTATUS(wstatus));
	} else if (read(job->fd, &row, sizeof(row)) != sizeof(row)) {
		fail(p, EXIT_BROKEN);
	} else {
		err = db_add(p->db, job->run, &row);
		if (err) {
			cli_error("%s: %s", p->db->path, strerror(-err));
			fail(p, EXIT_IO);
		}
	}
	close(job->fd);
}

static void await_one(struct pool *p)
{
	int wstatus;
	pid_t pid = wait(&wstatus);

	for (size_t k = 0; k < p->n; k++) {
		if (p->job[k].pid != pid)
			continue;
		collect_result(p, &p->job[k], wstatus);
		p->job[k] = p->job[--p->n];
		p->done++;
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r%zu of %zu runs", p->done, p->all);
		return;
	}
	if (pid < 0 && errno != EINTR)
		p->n = 0;
}

int sweep_run(const struct sweep_jobs *j, struct sweep_db *db)
{
	size_t total = plan_runs(db->plan);
	struct pool p = { .j = j, .db = db, .job = calloc(j->jobs, sizeof(*p.job)) };

	if (!p.job) {
		cli_error("%s", sim_strerror(SIM_ENOMEM));
		return EXIT_BROKEN;
	}
	for (size_t i = 0; i < total; i++)
		p.all += wanted(&p, i);
	while (p.n || (p.next < total && !p.status)) {
		for (; p.next < total && !p.status && p.n < j->jobs; p.next++)
			if (wanted(&p, p.next))
				begin(&p, p.next);
		if (p.n)
			await_one(&p);
	}
	if (p.all && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	free(p.job);
	return p.status;
}
