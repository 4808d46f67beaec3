/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/fit.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sim/calibrate/runner.h"
#include "sim/core/diag.h"

#define STEP       0.1 /* of ln(cost), to either side */
#define ITERATIONS 12
#define TOLERANCE  1e-3
#define JOBS_MOST  64

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
#define X(name, def, help) { #name, offsetof(struct cost_cfg, name) },
	COST_MAP(X)
#undef X
};

sim_ns *fit_cost_field(struct cost_cfg *costs, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(fields); i++)
		if (!strcmp(fields[i].name, name))
			return (sim_ns *)((char *)costs + fields[i].offset);
	return NULL;
}

/* ---- simulating all recordings at one point ---- */

struct point {
	const struct fit *f;
	const gsl_vector *x;
	struct outcome *sim; /* by recording */
	int err;
	size_t next;
	pthread_mutex_t lock;
};

static sim_ns cost_at(const struct fit *f, const gsl_vector *x, size_t i)
{
	double ns = round((double)f->cost[i].start * exp(gsl_vector_get(x, i)));

	return ns < 1 ? 1 : ns > 1e9 ? (sim_ns)1e9 : (sim_ns)ns;
}

static int simulate(const struct point *p, size_t i)
{
	struct sim_config cfg = p->f->c[i].cfg; /* what it points to is shared, and only read */
	size_t k;

	for (k = 0; k < p->f->ncost; k++)
		*fit_cost_field(&cfg.machine.cost, p->f->cost[k].name) = cost_at(p->f, p->x, k);
	return runner_simulate(&cfg, &p->sim[i]);
}

static void *worker(void *arg)
{
	struct point *p = arg;
	size_t i;
	int err;

	for (;;) {
		pthread_mutex_lock(&p->lock);
		i = p->next++;
		pthread_mutex_unlock(&p->lock);
		if (i >= p->f->nc)
			return NULL;
		err = simulate(p, i);
		pthread_mutex_lock(&p->lock);
		if (err)
			p->err = err;
		pthread_mutex_unlock(&p->lock);
	}
}

/* Simulate all recordings with the costs at x into sim, which is zeroed and has nc elements. One thread is this one. */
static int simulate_all(struct fit *f, const gsl_vector *x, struct outcome *sim)
{
	struct point p = { .f = f, .x = x, .sim = sim };
	pthread_t t[JOBS_MOST];
	unsigned i, n = 0;

	pthread_mutex_init(&p.lock, NULL);
	for (i = 1; i < f->jobs && i < JOBS_MOST; i++)
		if (!pthread_create(&t[n], NULL, worker, &p))
			n++;
	worker(&p);
	for (i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	pthread_mutex_destroy(&p.lock);
	f->runs += f->nc;
	return p.err;
}

/* Residuals at x into r (n of the recordings, then the priors), and the figures themselves into figure unless NULL. */
static int evaluate(struct fit *f, const gsl_vector *x, gsl_vector *r, double *figure)
{
	struct outcome *sim = calloc(f->nc, sizeof(*sim));
	int err = sim ? simulate_all(f, x, sim) : SIM_ENOMEM;
	size_t i;

	for (i = 0; !err && i < f->n; i++) {
		gsl_vector_set(r, i, residual_value(&f->residual[i], &sim[f->residual[i].recording]));
		if (figure)
			figure[i] = residual_figure(&f->residual[i], &sim[f->residual[i].recording]);
	}
	for (i = 0; !err && i < f->ncost; i++)
		gsl_vector_set(r, f->n + i, gsl_vector_get(x, i) / M_LN2);
	for (i = 0; sim && i < f->nc; i++)
		outcome_free(&sim[i]);
	free(sim);
	return err;
}

/* ---- what GSL calls ---- */

struct problem {
	struct fit *f;
	int err; /* of the first evaluation that failed */
};

static int gsl_residuals(const gsl_vector *x, void *data, gsl_vector *r)
{
	struct problem *p = data;

	if (!p->err)
		p->err = evaluate(p->f, x, r, NULL);
	return p->err ? GSL_EFAILED : GSL_SUCCESS;
}

/* Central differences, column by column. */
static int gsl_jacobian(const gsl_vector *x, void *data, gsl_matrix *j)
{
	gsl_vector *at = gsl_vector_alloc(x->size), *low = gsl_vector_alloc(j->size1), *high = gsl_vector_alloc(j->size1);
	int status = at && low && high ? GSL_SUCCESS : GSL_ENOMEM;
	size_t i;

	for (i = 0; status == GSL_SUCCESS && i < x->size; i++) {
		gsl_vector_memcpy(at, x);
		gsl_vector_set(at, i, gsl_vector_get(x, i) - STEP);
		status = gsl_residuals(at, data, low);
		gsl_vector_set(at, i, gsl_vector_get(x, i) + STEP);
		if (status == GSL_SUCCESS)
			status = gsl_residuals(at, data, high);
		if (status != GSL_SUCCESS)
			break;
		gsl_vector_sub(high, low);
		gsl_vector_scale(high, 1 / (2 * STEP));
		gsl_matrix_set_col(j, i, high);
	}
	gsl_vector_free(at);
	gsl_vector_free(low);
	gsl_vector_free(high);
	return status;
}

/* ---- results ---- */

static double rms(const gsl_vector *r, size_t n)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += gsl_vector_get(r, i) * gsl_vector_get(r, i);
	return sqrt(sum / (double)n);
}

/* Standard errors and correlations from the Jacobian. Where the model misses the measurements by more than sigma, so do the errors. */
static int uncertainty(struct fit *f, const gsl_matrix *jacobian)
{
	gsl_matrix *covar = gsl_matrix_alloc(f->ncost, f->ncost);
	double scale = fmax(1, f->rms_after);
	size_t i, k;

	if (!covar)
		return SIM_ENOMEM;
	gsl_multifit_nlinear_covar(jacobian, 0, covar);
	for (i = 0; i < f->ncost; i++)
		f->cost[i].error = scale * sqrt(gsl_matrix_get(covar, i, i));
	for (i = 0; i < f->ncost; i++)
		for (k = 0; k < f->ncost; k++)
			f->correlation[i * f->ncost + k] = gsl_matrix_get(covar, i, k) /
							   sqrt(gsl_matrix_get(covar, i, i) * gsl_matrix_get(covar, k, k));
	gsl_matrix_free(covar);
	return SIM_OK;
}

/* Search from x = 0, where r0 are the residuals. */
static int search(struct fit *f, gsl_vector *x, gsl_vector *r)
{
	gsl_multifit_nlinear_parameters params = gsl_multifit_nlinear_default_parameters();
	struct problem problem = { .f = f };
	gsl_multifit_nlinear_fdf fdf = { .f = gsl_residuals, .df = gsl_jacobian, .n = r->size, .p = x->size, .params = &problem };
	gsl_multifit_nlinear_workspace *w = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &params, r->size, x->size);
	int info, err;
	size_t i;

	if (!w)
		return SIM_ENOMEM;
	/* Without progress (GSL_ENOPROG) it stands where the grain of the simulations allows no better. */
	if (gsl_multifit_nlinear_init(x, &fdf, w) == GSL_SUCCESS)
		gsl_multifit_nlinear_driver(ITERATIONS, TOLERANCE, TOLERANCE, TOLERANCE, NULL, NULL, &info, w);
	err = problem.err;
	if (!err) {
		gsl_vector_memcpy(x, gsl_multifit_nlinear_position(w));
		for (i = 0; i < f->ncost; i++)
			f->cost[i].ns = cost_at(f, x, i);
		err = evaluate(f, x, r, f->after);
		f->rms_after = rms(r, f->n);
	}
	if (!err)
		err = uncertainty(f, gsl_multifit_nlinear_jac(w));
	gsl_multifit_nlinear_free(w);
	return err;
}

static int prepare(struct fit *f)
{
	int err = SIM_OK;
	size_t i;

	f->residual = NULL;
	f->n = f->runs = 0;
	f->before = f->after = f->correlation = NULL;
	for (i = 0; !err && i < f->nc; i++)
		err = residual_list(&f->c[i].real, i, &f->residual, &f->n);
	if (err)
		return err;
	if (!f->n || !f->ncost)
		return SIM_EUSAGE;
	f->before = calloc(f->n, sizeof(double));
	f->after = calloc(f->n, sizeof(double));
	f->correlation = calloc(f->ncost * f->ncost, sizeof(double));
	return f->before && f->after && f->correlation ? SIM_OK : SIM_ENOMEM;
}

int fit_run(struct fit *f)
{
	int err = prepare(f);
	gsl_vector *x = err ? NULL : gsl_vector_calloc(f->ncost), *r = err ? NULL : gsl_vector_calloc(f->n + f->ncost);
	size_t i;

	for (i = 0; !err && i < f->ncost; i++)
		f->cost[i].ns = f->cost[i].start = *fit_cost_field(&f->c[0].cfg.machine.cost, f->cost[i].name);
	if (!err && !(x && r))
		err = SIM_ENOMEM;
	if (!err)
		err = evaluate(f, x, r, f->before);
	if (!err) {
		f->rms_before = rms(r, f->n);
		err = search(f, x, r);
	}
	gsl_vector_free(x);
	gsl_vector_free(r);
	return err;
}

void fit_free(struct fit *f)
{
	free(f->residual);
	free(f->before);
	free(f->after);
	free(f->correlation);
	f->residual = NULL;
	f->before = f->after = f->correlation = NULL;
	f->n = 0;
}
