#include <stdlib.h>

#include "log.h"
#include "mem.h"
#include "site.h"
#include "target.h"

static bool
is_url(struct str s)
{
	return str_istarts(s, STR("http://")) || str_istarts(s, STR("https://"));
}

static char **
read_command(const json_t *list)
{
	size_t n = json_array_size(list), i;
	const json_t *word;
	char **argv = xcalloc(n + 1, sizeof(*argv));
	json_array_foreach (list, i, word) {
		struct str s = json_text(word);
		if (!s.p) {
			for (size_t k = 0; k < i; k++)
				free(argv[k]);
			free(argv);
			return NULL;
		}
		argv[i] = str_dup(s);
	}
	return argv;
}

static int
read_target(struct target *t, const struct json_doc *doc, const char *arn_member)
{
	struct str endpoint = json_str(doc->root, "Endpoint");
	struct str arn = json_str(doc->root, arn_member);
	const json_t *command = json_object_get(doc->root, "Command");
	if (arn.p)
		t->arn = str_dup(arn);
	if (endpoint.p && is_url(endpoint) && !command) {
		t->endpoint = str_dup(endpoint);
		return 0;
	}
	if (!endpoint.p && json_array_size(command) > 0 && (t->command = read_command(command)))
		return 0;
	log_error("%s: expected \"Endpoint\": \"http(s)://...\" or \"Command\": [\"PROGRAM\", "
		  "...]",
		doc->file);
	return -1;
}

static int
load(struct target *t, const char *site, enum site_kind kind, const char *name,
	const char *arn_member)
{
	struct problems ps = {0};
	struct json_doc doc;
	int rc = site_load_operand(&doc, site, kind, name, &ps);
	problems_log(&ps);
	problems_release(&ps);
	if (rc < 0)
		return -1;
	rc = read_target(t, &doc, arn_member);
	if (!t->arn)
		t->arn = xstrdup(name);
	json_doc_release(&doc);
	return rc;
}

static char *
labelled(const char *label, const char *name)
{
	struct str own = site_reference_name(str_of(name));
	return xasprintf("%s:%.*s", label, STR_ARG(own));
}

int
target_topic(struct target *t, const char *site, const char *name)
{
	*t = (struct target){.kind = TARGET_SNS, .name = labelled("sns", name)};
	return load(t, site, SITE_TOPIC, name, "TopicArn");
}

int
target_function(struct target *t, const char *site, const char *name)
{
	*t = (struct target){.kind = TARGET_LAMBDA, .name = labelled("lambda", name)};
	return load(t, site, SITE_FUNCTION, name, "FunctionArn");
}

int
target_webhook(struct target *t, const char *url)
{
	*t = (struct target){.kind = TARGET_WEBHOOK};
	if (!is_url(str_of(url))) {
		log_error("webhook: expected a URL, http:// or https://, not \"%s\"", url);
		return -1;
	}
	t->name = xstrdup(url);
	t->arn = xstrdup(url);
	t->endpoint = xstrdup(url);
	return 0;
}

int
target_application(struct target *t, const char *site, const char *name, const char *index)
{
	*t = (struct target){.kind = TARGET_QBUSINESS,
		.name = labelled("qbusiness", name),
		.index = index ? xstrdup(index) : NULL};
	return load(t, site, SITE_APPLICATION, name, "ApplicationId");
}

void
target_release(struct target *t)
{
	for (char **word = t->command; word && *word; word++)
		free(*word);
	free(t->command);
	free(t->name);
	free(t->arn);
	free(t->endpoint);
	free(t->index);
	*t = (struct target){0};
}
