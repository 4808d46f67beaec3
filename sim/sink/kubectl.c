/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kubectl.txt: what kubectl would have shown of the run: `get pods -w`, `get events`, `describe` of the node's condition and of
 * each pod as it was at the end, and how long workloads and budgets lacked pods; no file without pods. Times are the
 * simulation's, in seconds, where kubectl has a date or an age of an event.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/core/strbuf.h"
#include "sim/sink/format.h"
#include "sim/sink/text.h"

#define MAX_COLUMNS 8
#define GAP         3 /* spaces between columns */

/* The last record of a pod, with a copy of its containers. */
struct kept {
	struct rec_pod r;
	struct rec_container *container;
	char *message, *name;
};

struct kubectl {
	struct strbuf watch, events; /* rows, a line each, fields apart by tabs */
	struct kept *pod;
	size_t npod, cap;
	bool pressure;
	sim_ns transition; /* of the condition */
	struct sink_error *error;
	struct out out;
	bool open;
};

/* ---- how kubectl writes times ---- */

/* duration.HumanDuration(). */
static void age(struct strbuf *b, sim_ns t)
{
	unsigned long long s = t / NS_PER_SEC, m = s / 60, h = m / 60, d = h / 24;

	if (s < 120)
		strbuf_addf(b, "%llus", s);
	else if (m < 10 && s % 60)
		strbuf_addf(b, "%llum%llus", m, s % 60);
	else if (m < 180)
		strbuf_addf(b, "%llum", m);
	else if (h < 8 && m % 60)
		strbuf_addf(b, "%lluh%llum", h, m % 60);
	else if (h < 48)
		strbuf_addf(b, "%lluh", h);
	else if (d < 8 && h % 24)
		strbuf_addf(b, "%llud%lluh", d, h % 24);
	else
		strbuf_addf(b, "%llud", d);
}

static void seconds(struct strbuf *b, sim_ns t)
{
	strbuf_addf(b, "%llu.%03llu", (unsigned long long)(t / NS_PER_SEC), (unsigned long long)(t % NS_PER_SEC / NS_PER_MS));
}

static void plain(struct strbuf *b, const char *s)
{
	char text[4 * KUBE_TEXT_LEN];

	text_plain(text, sizeof(text), s);
	strbuf_puts(b, text);
}

/* ---- records ---- */

static void restarts(struct strbuf *b, const struct rec_pod *r)
{
	strbuf_addf(b, "%u", r->restarts);
	if (r->restarted_ns == SIM_NEVER)
		return;
	strbuf_puts(b, " (");
	age(b, r->t_ns - r->restarted_ns);
	strbuf_puts(b, " ago)");
}

static struct kept *keep(struct kubectl *k, uint64_t uid)
{
	struct kept *p;

	for (size_t i = k->npod; i-- > 0;)
		if (k->pod[i].r.uid == uid)
			return &k->pod[i];
	if (k->npod == k->cap) {
		size_t cap = k->cap ? 2 * k->cap : 16;

		p = realloc(k->pod, cap * sizeof(*p));
		if (!p)
			return NULL;
		k->pod = p;
		k->cap = cap;
	}
	k->pod[k->npod] = (struct kept){ 0 };
	return &k->pod[k->npod++];
}

static int on_pod(void *state, const struct rec_pod *r)
{
	struct kubectl *k = state;
	struct kept *p = keep(k, r->uid);

	seconds(&k->watch, r->t_ns);
	strbuf_addf(&k->watch, "\t%s\t%u/%zu\t%s\t", r->name, r->ready, r->ncontainer, r->status);
	restarts(&k->watch, r);
	strbuf_puts(&k->watch, "\t");
	age(&k->watch, r->t_ns - r->created_ns);
	strbuf_puts(&k->watch, "\n");
	if (!p)
		return sink_error_nomem(k->error);
	free(p->message);
	free(p->name);
	p->r = *r;
	p->message = strdup(r->message);
	p->name = strdup(r->name);
	if (!p->container)
		p->container = calloc(r->ncontainer ? r->ncontainer : 1, sizeof(*p->container));
	if (!p->message || !p->name || !p->container)
		return sink_error_nomem(k->error);
	memcpy(p->container, r->container, r->ncontainer * sizeof(*p->container));
	return SIM_OK;
}

static int on_event(void *state, const struct rec_kube_event *r)
{
	struct kubectl *k = state;

	seconds(&k->events, r->t_ns);
	strbuf_addf(&k->events, "\t%s\t%s\t%s/%s\t", r->warning ? "Warning" : "Normal", r->reason, r->kind, r->name);
	plain(&k->events, r->message);
	strbuf_puts(&k->events, "\n");
	if (!strcmp(r->reason, "NodeHasInsufficientMemory") || !strcmp(r->reason, "NodeHasSufficientMemory")) {
		k->pressure = !strcmp(r->reason, "NodeHasInsufficientMemory");
		k->transition = r->t_ns;
	}
	return SIM_OK;
}

/* ---- tables ---- */

static void widen(const char *rows, size_t width[MAX_COLUMNS])
{
	for (const char *s = rows; s && *s; s += *s == '\n') {
		for (size_t c = 0; *s && *s != '\n' && c < MAX_COLUMNS; c++) {
			size_t n = strcspn(s, "\t\n");

			width[c] = n > width[c] ? n : width[c];
			s += n + (s[n] == '\t');
		}
	}
}

static void put_rows(struct out *o, const char *rows, const size_t width[MAX_COLUMNS])
{
	for (const char *s = rows; s && *s; s += *s == '\n') {
		for (size_t c = 0; *s && *s != '\n' && c < MAX_COLUMNS; c++) {
			size_t n = strcspn(s, "\t\n");

			out_bytes(o, s, n);
			for (size_t pad = n; s[n] == '\t' && pad < width[c] + GAP; pad++)
				out_char(o, ' ');
			s += n + (s[n] == '\t');
		}
		out_char(o, '\n');
	}
}

static void table(struct out *o, const char *command, const char *head, const char *rows)
{
	size_t width[MAX_COLUMNS] = { 0 };

	out_str(o, command);
	widen(head, width);
	widen(rows, width);
	put_rows(o, head, width);
	put_rows(o, rows, width);
}

/* ---- describe ---- */

static void describe_end(struct strbuf *b, const char *what, const char *reason, int code, sim_ns started, sim_ns finished)
{
	strbuf_addf(b, "    %-14s  Terminated\n      Reason:       %s\n      Exit Code:    %d\n      Started:      ", what, reason, code);
	seconds(b, started);
	strbuf_puts(b, "\n      Finished:     ");
	seconds(b, finished);
	strbuf_puts(b, "\n");
}

static void describe_container(struct strbuf *b, const struct rec_container *c)
{
	strbuf_addf(b, "  %s:\n", c->name);
	if (c->state == KUBE_RUNNING) {
		strbuf_puts(b, "    State:          Running\n      Started:      ");
		seconds(b, c->started);
		strbuf_puts(b, "\n");
	} else if (c->state == KUBE_WAITING) {
		strbuf_addf(b, "    State:          Waiting\n      Reason:       %s\n", c->reason);
	} else {
		describe_end(b, "State:", c->reason, c->exit_code, c->started, c->finished);
	}
	if (c->has_last)
		describe_end(b, "Last State:", c->last_reason, c->last_exit_code, c->last_started, c->last_finished);
	strbuf_addf(b, "    Ready:          %s\n    Restart Count:  %u\n", c->state == KUBE_RUNNING ? "True" : "False", c->restarts);
}

static void describe_pod(struct strbuf *b, const struct kept *p)
{
	strbuf_addf(b, "Name:         %s\nNamespace:    %s\nStart Time:   ", p->name, p->r.ns);
	seconds(b, p->r.created_ns);
	strbuf_addf(b, "\nStatus:       %s\n", p->r.phase);
	if (p->r.reason) {
		strbuf_addf(b, "Reason:       %s\nMessage:      ", p->r.reason);
		plain(b, p->message);
		strbuf_puts(b, "\n");
	}
	if (strcmp(p->r.kind, "Pod"))
		strbuf_addf(b, "Controlled By:  %s/%s\n", p->r.kind, p->r.owner);
	strbuf_addf(b, "QoS Class:    %s\nContainers:\n", p->r.qos);
	for (size_t i = 0; i < p->r.ncontainer; i++)
		describe_container(b, &p->container[i]);
	strbuf_puts(b, "\n");
}

static void describe_node(struct strbuf *b, const struct kubectl *k)
{
	strbuf_addf(b, "Taints:       %s\nConditions:\n  MemoryPressure   %s   %s   %s, since ",
		    k->pressure ? "node.kubernetes.io/memory-pressure:NoSchedule" : "<none>", k->pressure ? "True" : "False",
		    k->pressure ? "KubeletHasInsufficientMemory" : "KubeletHasSufficientMemory",
		    k->pressure ? "kubelet has insufficient memory available" : "kubelet has sufficient memory available");
	seconds(b, k->transition);
	strbuf_puts(b, "\n");
}

/* ---- availability ---- */

static void workloads(struct strbuf *b, const struct collect_kube *k)
{
	for (size_t i = 0; i < k->nworkload; i++) {
		const struct collect_workload *w = &k->workload[i];

		strbuf_addf(b, "%s\t%s\t%u\t%u\t%u\t%u\t", w->kind, w->name, w->desired, w->ready, w->lowest, w->evicted);
		seconds(b, w->below_ns);
		strbuf_puts(b, "\n");
	}
}

/* ---- the file ---- */

static int kubectl_open(void *state, const struct sink_env *env)
{
	struct kubectl *k = state;

	k->error = env->error;
	return 0;
}

static int write_all(struct kubectl *k, const struct sink_env *env)
{
	struct strbuf node = { 0 }, pods = { 0 }, counts = { 0 };
	struct out *o = &k->out;
	bool failed;

	describe_node(&node, k);
	for (size_t i = 0; i < k->npod; i++)
		describe_pod(&pods, &k->pod[i]);
	workloads(&counts, &env->collect->kube);
	failed = node.failed || pods.failed || counts.failed || k->watch.failed || k->events.failed;
	if (!failed) {
		table(o, "$ kubectl get pods -w\n", "TIME\tNAME\tREADY\tSTATUS\tRESTARTS\tAGE\n", k->watch.s);
		table(o, "\n$ kubectl get events\n", "TIME\tTYPE\tREASON\tOBJECT\tMESSAGE\n", k->events.s);
		out_str(o, "\n$ kubectl describe node\n");
		out_str(o, node.s);
		out_str(o, "\n$ kubectl describe pods\n");
		out_str(o, pods.s ? pods.s : "");
		table(o, "Availability: seconds with fewer ready pods than desired; a budget desires its healthy pods\n",
		      "KIND\tNAME\tDESIRED\tREADY\tLOWEST\tEVICTED\tBELOW\n", counts.s);
	}
	strbuf_free(&node);
	strbuf_free(&pods);
	strbuf_free(&counts);
	return failed ? sink_error_nomem(env->error) : out_close(o);
}

static int kubectl_close(void *state, const struct sink_env *env)
{
	struct kubectl *k = state;
	int err;

	if (!k->npod)
		return 0;
	err = out_open(&k->out, env->dirfd, "kubectl.txt", env->error);
	if (err)
		return err;
	k->open = true;
	return write_all(k, env);
}

static void kubectl_release(void *state)
{
	struct kubectl *k = state;

	if (k->open)
		out_drop(&k->out);
	strbuf_free(&k->watch);
	strbuf_free(&k->events);
	for (size_t i = 0; i < k->npod; i++) {
		free(k->pod[i].container);
		free(k->pod[i].message);
		free(k->pod[i].name);
	}
	free(k->pod);
}

const struct sink_format sink_kubectl = {
	.name = "kubectl.txt",
	.state_size = sizeof(struct kubectl),
	.open = kubectl_open,
	.cb = { .pod = on_pod, .kube_event = on_event },
	.close = kubectl_close,
	.release = kubectl_release,
};
