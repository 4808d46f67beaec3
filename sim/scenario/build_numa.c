/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory nodes by list, as the kernel writes them ("0-1,3"): the memory policy of a process and the cpuset.mems of a cgroup. */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/build.h"

static nodemask_t all_nodes(const struct build *b)
{
	return (nodemask_t)((UINT64_C(1) << b->c->machine.nnode) - 1);
}

static bool unknown_node(struct build *b, const struct ynode *v, const struct key *k, unsigned long node)
{
	char hint[96], list[NODELIST_LEN];

	snprintf(hint, sizeof(hint), "the machine has nodes %s", nodemask_show(list, all_nodes(b)));
	B_ERR(b, v, b->c->machine.nnode > 1 ? hint : "the machine has node 0 alone; 'machine: {nodes: 2}' makes it two", "%s: there is no node %lu", k->name, node);
	return false;
}

/* Digits at *s. False: there are none, or too many. */
static bool number(const char **s, unsigned long *ret)
{
	char *end;

	if (**s < '0' || **s > '9' || strspn(*s, "0123456789") > 5)
		return false;
	*ret = strtoul(*s, &end, 10);
	*s = end;
	return true;
}

/* One "2" or "0-3" of the list. */
static bool range(struct build *b, const struct ynode *v, const struct key *k, const char **s, nodemask_t *nodes)
{
	unsigned long from, to;

	if (!number(s, &from))
		goto bad;
	to = from;
	if (**s == '-' && (++*s, !number(s, &to)))
		goto bad;
	if (to < from || (**s && **s != ','))
		goto bad;
	if (to >= b->c->machine.nnode)
		return unknown_node(b, v, k, to);
	for (; from <= to; from++)
		*nodes |= (nodemask_t)1 << from;
	return true;
bad:
	B_ERR(b, v, "write nodes as 0, 0-1 or 0,2", "%s: '%s' is no list of nodes", k->name, SHOW(v->text));
	return false;
}

bool build_nodemask(struct build *b, const struct ynode *v, const struct key *k, nodemask_t *ret)
{
	nodemask_t nodes = 0;
	const char *s;

	if (!want_scalar(b, v, "nodes as 0, 0-1 or 0,2"))
		return false;
	if (!*v->text) {
		B_ERR(b, v, "write nodes as 0, 0-1 or 0,2, or leave it out", "%s: an empty set of nodes", k->name);
		return false;
	}
	for (s = v->text;; s++) {
		if (!range(b, v, k, &s, &nodes))
			return false;
		if (!*s)
			break;
	}
	*ret = nodes;
	return true;
}

/* ---- policies ---- */

static void set_policy(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct mempolicy_cfg *p = field;
	nodemask_t nodes;

	if (!build_nodemask(b, v, k, &nodes))
		return;
	if (k->min == MPOL_PREFERRED && nodes & (nodes - 1))
		B_ERR(b, v, "name one, or use interleave", "preferred: more than one node");
	*p = (struct mempolicy_cfg){ .mode = (enum mempolicy_mode)k->min, .nodes = nodes };
}

static const struct key policy_keys[] = {
	{ "bind", set_policy, 0, MPOL_BIND, 0, NULL, false },
	{ "preferred", set_policy, 0, MPOL_PREFERRED, 0, NULL, false },
	{ "interleave", set_policy, 0, MPOL_INTERLEAVE, 0, NULL, false },
};

void set_mempolicy(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)k;
	if (v->kind == Y_SCALAR && !strcmp(v->text, "default"))
		return;
	if (v->kind != Y_MAP) {
		if (v->kind != Y_BAD)
			B_ERR(b, v, "write default, {bind: 0}, {preferred: 0} or {interleave: 0-1}",
			      "mempolicy: a policy with its nodes is needed here");
		return;
	}
	build_map(b, v, "mempolicy", policy_keys, ARRAY_LEN(policy_keys), field);
	if (v->n != 1)
		B_ERR(b, v, "write one of bind, preferred and interleave", "mempolicy: %s",
		      v->n ? "a process has one policy" : "no policy");
}

/* ---- cpusets ---- */

/* What cpuset.mems.effective will be (sim/mm/mempolicy.c:memcg_mems_allowed). */
static nodemask_t effective_mems(const struct build *b, uint32_t cgroup)
{
	const struct cgroup_cfg *g = cgroup ? &b->c->cgroup[cgroup - 1] : NULL;
	nodemask_t above, own;

	if (!g)
		return all_nodes(b);
	above = effective_mems(b, g->parent);
	own = g->value[CGF_CPUSET_MEMS] == SIM_AUTO ? 0 : (nodemask_t)g->value[CGF_CPUSET_MEMS];
	return own & above ? own & above : above;
}

void check_cpuset_mems(struct build *b, const struct ynode *v, uint32_t cgroup)
{
	const struct cgroup_cfg *g = &b->c->cgroup[cgroup - 1];
	nodemask_t own = (nodemask_t)g->value[CGF_CPUSET_MEMS], above;
	char hint[96], list[NODELIST_LEN];

	if (g->value[CGF_CPUSET_MEMS] == SIM_AUTO)
		return;
	above = effective_mems(b, g->parent);
	snprintf(hint, sizeof(hint), "choose among the parent's: %s", nodemask_show(list, above));
	if (b->c->cgroup_version == 1 && own & ~above)
		B_ERR(b, v, hint, "cpuset.mems: %s is not within the parent's (EACCES)", nodemask_show(list, own));
	else if (!(own & above))
		B_ERR(b, v, hint, "cpuset.mems: no node of %s is the parent's, so it would have no effect",
		      nodemask_show(list, own));
}

void check_mempolicy(struct build *b, const struct ynode *v, const struct process_cfg *p)
{
	nodemask_t allowed = effective_mems(b, p->cgroup);
	char hint[CGROUP_PATH_LEN + 96], list[NODELIST_LEN];

	if (!(p->mempolicy.nodes & ~allowed))
		return;
	snprintf(hint, sizeof(hint), "cpuset.mems of '%s' leaves it %s", p->cgroup ? b->c->cgroup[p->cgroup - 1].path : "/",
		 nodemask_show(list, allowed));
	B_ERR(b, v, hint, "mempolicy: node %s is not in the cpuset of the process",
	      nodemask_show(list, p->mempolicy.nodes & ~allowed));
}
