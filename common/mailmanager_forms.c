#include <stdlib.h>
#include <string.h>

#include "json_locate.h"
#include "mailmanager_forms.h"
#include "mailmanager_intrinsic.h"
#include "mailmanager_terraform.h"
#include "mem.h"

#define MAX_STEPS 40   /* modules within modules */
#define MAX_MODULES 16 /* deep */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static const struct kind {
	const struct shape *shape;
	const char *aws, *terraform[2]; /* of the providers awscc and aws */
	const char *name;               /* the member that a template may omit */
	const char *id;                 /* what an update names it by */
	const char *list;               /* the member that may stand alone */
} kinds[] = {
	{&shape_rule_set, "AWS::SES::MailManagerRuleSet",
		{"awscc_ses_mail_manager_rule_set", "aws_mailmanager_rule_set"}, "RuleSetName",
		"RuleSetId", "Rules"},
	{&shape_traffic_policy, "AWS::SES::MailManagerTrafficPolicy",
		{"awscc_ses_mail_manager_traffic_policy", "aws_mailmanager_traffic_policy"},
		"TrafficPolicyName", "TrafficPolicyId", "PolicyStatements"},
	{&shape_ingress_point, "AWS::SES::MailManagerIngressPoint",
		{"awscc_ses_mail_manager_ingress_point", "aws_mailmanager_ingress_point"},
		"IngressPointName", "IngressPointId", NULL},
	{&shape_relay, "AWS::SES::MailManagerRelay",
		{"awscc_ses_mail_manager_relay", "aws_mailmanager_relay"}, "RelayName",
		"RelayId", NULL},
	{&shape_archive, "AWS::SES::MailManagerArchive",
		{"awscc_ses_mail_manager_archive", "aws_mailmanager_archive"}, "ArchiveName",
		"ArchiveId", NULL},
};

enum form { FORM_TEMPLATE, FORM_AWSCC, FORM_AWS };

/* What was found: the place, from the root on, and how often. */
struct search {
	const struct kind *kind;
	struct json_at steps[MAX_STEPS]; /* the way to where the search is */
	size_t nsteps;
	struct json_at found[MAX_STEPS];
	size_t nfound, n;
	const json_t *resource;
	const char *label;
	enum form form;
};

static void
take(struct search *s, enum form form, const json_t *resource, const char *label)
{
	if (s->n++ > 0)
		return;
	memcpy(s->found, s->steps, s->nsteps * sizeof(*s->steps));
	s->nfound = s->nsteps;
	s->resource = resource;
	s->label = label;
	s->form = form;
}

static void
enter(struct search *s, const char *key, size_t index)
{
	if (s->nsteps < MAX_STEPS)
		s->steps[s->nsteps++] = (struct json_at){NULL, key, index};
}

static void
search_template(struct search *s, const json_t *root)
{
	const char *label;
	json_t *resource;
	json_object_foreach (json_object_get(root, "Resources"), label, resource) {
		s->nsteps = 0;
		if (!str_eq(json_str(resource, "Type"), str_of(s->kind->aws)))
			continue;
		enter(s, "Resources", 0);
		enter(s, label, 0);
		enter(s, "Properties", 0);
		take(s, FORM_TEMPLATE, json_object_get(resource, "Properties"), label);
	}
}

static void
search_configuration(struct search *s, const json_t *root, enum form form)
{
	const char *label, *type = s->kind->terraform[form - FORM_AWSCC];
	json_t *resource, *list = json_object_get(json_object_get(root, "resource"), type);
	json_object_foreach (list, label, resource) {
		s->nsteps = 0;
		enter(s, "resource", 0);
		enter(s, type, 0);
		enter(s, label, 0);
		take(s, form, resource, label);
	}
}

static void
search_module(struct search *s, const json_t *module, int depth)
{
	const json_t *list = json_object_get(module, "resources"),
		     *modules = json_object_get(module, "child_modules");
	size_t before = s->nsteps;
	for (size_t i = 0; i < json_array_size(list); i++, s->nsteps = before) {
		const json_t *r = json_array_get(list, i);
		struct str type = json_str(r, "type");
		bool aws = str_eq(type, str_of(s->kind->terraform[1]));
		if (!aws && !str_eq(type, str_of(s->kind->terraform[0])))
			continue;
		enter(s, "resources", 0);
		enter(s, NULL, i);
		enter(s, "values", 0);
		take(s, aws ? FORM_AWS : FORM_AWSCC, json_object_get(r, "values"),
			json_string_value(json_object_get(r, "name")));
	}
	for (size_t i = 0; depth < MAX_MODULES && i < json_array_size(modules); i++) {
		enter(s, "child_modules", 0);
		enter(s, NULL, i);
		search_module(s, json_array_get(modules, i), depth + 1);
		s->nsteps = before;
	}
}

/* Is it Terraform's?  A state has `values`, a plan `planned_values`. */
static bool
search_terraform(struct search *s, const json_t *root)
{
	static const char *const members[] = {"planned_values", "values"};
	if (json_object_get(root, "resource")) {
		search_configuration(s, root, FORM_AWSCC);
		search_configuration(s, root, FORM_AWS);
		return true;
	}
	for (size_t i = 0; i < 2; i++) {
		const json_t *module =
			json_object_get(json_object_get(root, members[i]), "root_module");
		if (!module)
			continue;
		enter(s, members[i], 0);
		enter(s, "root_module", 0);
		search_module(s, module, 0);
		return true;
	}
	return false;
}

/* The document is the resource from now on; its places are those below `found`. */
static void
adopt(struct json_doc *doc, const struct search *s, json_t *resource)
{
	if (!json_object_get(resource, s->kind->name) && s->label)
		json_object_set_new(resource, s->kind->name, json_string(s->label));
	(void)json_object_del(resource, "id");
	doc->prefix = xcalloc(s->nfound, sizeof(*doc->prefix));
	memcpy(doc->prefix, s->found, s->nfound * sizeof(*doc->prefix));
	for (size_t i = 1; i < s->nfound; i++)
		doc->prefix[i].up = &doc->prefix[i - 1];
	doc->nprefix = s->nfound;
	doc->whole = doc->root; /* the keys of the places are in it */
	doc->root = resource;
}

static int
adopt_found(struct json_doc *doc, const struct search *s, bool terraform, struct problems *ps)
{
	if (s->n == 1 && json_is_object(s->resource)) {
		json_t *copy =
			s->form == FORM_TEMPLATE ? intrinsics_replaced(s->resource, doc->root)
			: s->form == FORM_AWSCC
				? terraform_awscc(s->kind->shape, s->resource)
				: terraform_aws(s->kind->shape, s->kind->name, s->resource);
		doc->loose_keys = terraform;
		doc->blocks = s->form == FORM_AWS;
		adopt(doc, s, copy);
		return 0;
	}
	json_problem(ps, doc, NULL, false, PROBLEM_ERROR,
		"expected one resource of type %s, found %zu",
		terraform ? s->kind->terraform[0] : s->kind->aws, s->n);
	json_doc_release(doc);
	return -1;
}

/* Rules alone, as --rules and --policy-statements of the service's command line take
 * them: a set that has the file's name. */
static void
adopt_list(struct json_doc *doc, const struct kind *k)
{
	const char *slash = strrchr(doc->file, '/');
	struct str base = str_of(slash ? slash + 1 : doc->file);
	char *name = xasprintf("%.*s", (int)strcspn(base.p, "."), base.p);
	for (char *p = name; *p; p++)
		if (!strchr(NAME_CHARACTERS, *p))
			*p = '_';
	json_t *root = json_object();
	json_object_set_new(root, k->name, json_string(strlen(name) < 3 ? "list" : name));
	json_object_set_new(root, k->list, doc->root);
	if (k->shape == &shape_traffic_policy)
		json_object_set_new(root, "DefaultAction", json_string("DENY"));
	doc->only = k->list;
	doc->root = root;
	free(name);
}

/* update-* may leave the name as it is: it then is the id. */
static void
name_by_id(json_t *root, const struct kind *k)
{
	const json_t *id = json_object_get(root, k->id);
	if (json_is_string(id) && !json_object_get(root, k->name))
		json_object_set_new(root, k->name, json_deep_copy(id));
}

int
mailmanager_form(struct json_doc *doc, const struct shape *shape, struct problems *ps)
{
	struct search s = {0};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].shape == shape)
			s.kind = &kinds[i];
	if (!s.kind)
		return 0;
	if (json_is_object(json_object_get(doc->root, "Resources"))) {
		search_template(&s, doc->root);
		return adopt_found(doc, &s, false, ps);
	}
	if (search_terraform(&s, doc->root))
		return adopt_found(doc, &s, true, ps);
	if (json_is_array(doc->root) && s.kind->list)
		adopt_list(doc, s.kind);
	else
		name_by_id(doc->root, s.kind);
	return 0;
}

int
mailmanager_load(
	struct json_doc *doc, const char *file, const struct shape *shape, struct problems *ps)
{
	if (json_doc_load(doc, file, ps) < 0)
		return -1;
	return mailmanager_form(doc, shape, ps);
}
