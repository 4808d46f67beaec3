/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/setpath.h"

#include <string.h>

#include "sim/core/units.h"
#include "sim/scenario/didyoumean.h"

struct setter {
	struct ytree *t;
	struct diag_list *dl;
	struct ynode *value; /* also the place errors are put at */
};

/* Does the path p begin with the name s, whole? */
static bool begins(const char *p, const char *s)
{
	size_t n = strlen(s);

	return n && !strncmp(p, s, n) && (!p[n] || p[n] == '.' || p[n] == '[');
}

/* The key of a mapping at the start of p: the longest existing one, since keys may hold dots (vm.swappiness). For a new key
 * up to the next dot, or all of it if keys of that mapping have dots. Returns its length. */
static size_t key_length(const struct ynode *map, const char *p, bool dotted)
{
	size_t best = 0, i;

	for (i = 0; i < map->n; i++)
		if (begins(p, map->item[i].key->text) && strlen(map->item[i].key->text) > best)
			best = strlen(map->item[i].key->text);
	if (best)
		return best;
	return dotted ? strlen(p) : strcspn(p, ".[");
}

/* Do keys of the mapping that lies under this key have dots: vm.swappiness, memory.available? */
static bool is_dotted(const char *key, size_t n)
{
	static const char *const of[] = { "sysctl", "evictionHard", "evictionSoft", "evictionSoftGracePeriod", "evictionMinimumReclaim" };
	size_t i = 0;

	while (i < ARRAY_LEN(of) && (strlen(of[i]) != n || strncmp(key, of[i], n)))
		i++;
	return i < ARRAY_LEN(of);
}

static int no_such(struct setter *s, const char *p, size_t n, const struct ynode *list)
{
	char word[64], hint[160];
	struct nearest near = { .word = word };
	const struct ynode *name;
	size_t i;

	snprintf(word, sizeof(word), "%.*s", (int)(n < 63 ? n : 63), p);
	for (i = 0; i < list->n; i++) {
		name = ynode_get(list->item[i].val, "name");
		if (name && name->kind == Y_SCALAR)
			nearest_offer(&near, name->text);
	}
	if (!nearest_hint(&near, hint, sizeof(hint)))
		snprintf(hint, sizeof(hint), "the list has %zu elements, counted from 0; or use an element's name",
			 list->n);
	ynode_error(s->t, s->dl, s->value, hint, "no element '%s' in the list", SHOW(word));
	return SIM_OK;
}

/* Element of a list named at the start of p ("[0]", "0" or a name); *len is what of p it took. NULL: none. */
static struct yitem *list_element(const struct ynode *list, const char *p, size_t *len)
{
	bool bracket = *p == '[';
	const struct ynode *name;
	size_t i = 0, n = bracket;

	for (*len = 0; p[n] >= '0' && p[n] <= '9' && n < 8; n++)
		i = i * 10 + (size_t)(p[n] - '0');
	if (n > bracket && (bracket ? p[n] == ']' : strchr(".[", p[n]) != NULL)) {
		*len = n + bracket;
		return i < list->n ? &list->item[i] : NULL;
	}
	for (i = 0; !bracket && i < list->n; i++) {
		name = ynode_get(list->item[i].val, "name");
		if (name && name->kind == Y_SCALAR && begins(p, name->text) && strlen(name->text) > *len) {
			*len = strlen(name->text);
			n = i;
		}
	}
	return *len ? &list->item[n] : NULL;
}

static int bad_path(struct setter *s, const char *why)
{
	ynode_error(s->t, s->dl, s->value, "paths look like machine.memory or processes[0].oom_score_adj", "%s", why);
	return SIM_OK;
}

static struct ynode *new_key(struct setter *s, const char *p, size_t n)
{
	struct ynode *key = ynode_new(s->t, Y_SCALAR, s->value);

	if (!key)
		return NULL;
	key->text = ytree_alloc(s->t, n + 1);
	if (!key->text)
		return NULL;
	memcpy(key->text, p, n);
	return key;
}

/* The slot of a key, added with a mapping in it if missing. NULL without memory. */
static struct yitem *map_slot(struct setter *s, struct ynode *map, const char *p, size_t n)
{
	struct ynode *key, *val;
	size_t i;

	for (i = 0; i < map->n; i++)
		if (strlen(map->item[i].key->text) == n && !strncmp(map->item[i].key->text, p, n))
			return &map->item[i];
	key = new_key(s, p, n);
	val = ynode_new(s->t, Y_MAP, s->value);
	if (!key || !val || !ynode_add(s->t, map, key, val))
		return NULL;
	return &map->item[map->n - 1];
}

static int walk(struct setter *s, struct ynode *at, const char *p)
{
	bool dotted = false;
	struct yitem *item;
	size_t n;

	for (;; at = item->val) {
		if (at->kind == Y_MAP && *p != '[') {
			n = key_length(at, p, dotted);
			if (!n)
				return bad_path(s, "an empty key in the path");
			dotted = is_dotted(p, n);
			item = map_slot(s, at, p, n);
			if (!item)
				return SIM_ENOMEM;
		} else if (at->kind == Y_SEQ) {
			item = list_element(at, p, &n);
			if (!item)
				return no_such(s, p, *p == '[' ? strcspn(p, "]") + 1 : strcspn(p, ".["), at);
		} else {
			return bad_path(
				s, at->kind == Y_MAP
					   ? "[N] stands after something that is no list"
					   : "the path goes on below a value that is neither a mapping nor a list");
		}
		p += n;
		if (!*p)
			break;
		if (*p == '.')
			p++;
		else if (*p != '[')
			return bad_path(s, "a dot or [N] is missing in the path");
	}
	item->val = s->value;
	return SIM_OK;
}

int tree_set(struct ytree *t, struct diag_list *dl, struct ynode *root, const char *arg)
{
	const char *eq = strchr(arg, '=');
	struct setter s = { .t = t, .dl = dl };
	struct ynode top = { .file = "--set" };
	char *path, *file;
	int err;

	if (!eq || eq == arg) {
		ynode_error(t, dl, &top, "write --set PATH=VALUE", "'%s' is not PATH=VALUE", SHOW(arg));
		return SIM_OK;
	}
	file = ytree_alloc(t, (size_t)(eq - arg) + sizeof("--set "));
	if (!file)
		return SIM_ENOMEM;
	memcpy(file, "--set ", 6);
	path = memcpy(file + 6, arg, (size_t)(eq - arg));
	if (!eq[1]) {
		top.file = file;
		ynode_error(t, dl, &top, "write --set PATH=VALUE", "no value");
		return SIM_OK;
	}
	t->placeless = true;
	err = yaml_parse(t, file, eq + 1, strlen(eq + 1), dl, &s.value);
	t->placeless = false;
	if (err)
		return err == SIM_ENOMEM ? err : SIM_OK;
	return walk(&s, root, path);
}
