#include <stdlib.h>

#include "http.h"
#include "log.h"
#include "mem.h"
#include "s3.h"
#include "site.h"

static void
take_env(char **field, const char *name)
{
	const char *value = getenv(name);
	if (!*field && value && *value)
		*field = xstrdup(value);
}

static void
take_json(char **field, const json_t *object, const char *key)
{
	struct str value = json_str(object, key);
	if (!*field && value.p)
		*field = str_dup(value);
}

static int
read_settings(struct s3 *s, const char *site)
{
	struct problems ps = {0};
	struct json_doc doc;
	int rc = site_settings(&doc, site, &ps);
	if (rc == 0) {
		const json_t *own = json_object_get(doc.root, "S3");
		const json_t *style = json_object_get(own, "PathStyle");
		take_json(&s->endpoint, own, "Endpoint");
		take_json(&s->region, own, "Region");
		if (s->path_style < 0 && json_is_boolean(style))
			s->path_style = json_is_true(style);
		json_doc_release(&doc);
	}
	problems_log(&ps);
	problems_release(&ps);
	return rc;
}

static int
read_secret(struct s3 *s, const char *site)
{
	struct problems ps = {0};
	struct json_doc doc;
	char *path = site_find(site, SITE_SECRET, STR("s3"));
	if (!path)
		return 0;
	int rc = json_doc_load(&doc, path, &ps);
	if (rc == 0) {
		take_json(&s->access_key, doc.root, "AccessKeyId");
		take_json(&s->access_key, doc.root, "username");
		take_json(&s->secret_key, doc.root, "SecretAccessKey");
		take_json(&s->secret_key, doc.root, "password");
		take_json(&s->session_token, doc.root, "SessionToken");
		json_doc_release(&doc);
	}
	problems_log(&ps);
	problems_release(&ps);
	free(path);
	return rc;
}

static bool
dns_label_bucket(const char *bucket)
{
	return !strchr(bucket, '.') && !strchr(bucket, '_');
}

static void
choose_style(struct s3 *s)
{
	if (s->path_style < 0)
		s->path_style = s->endpoint != NULL || !dns_label_bucket(s->bucket);
	if (!s->endpoint)
		s->endpoint = xasprintf("https://s3.%s.amazonaws.com", s->region);
	size_t n = strlen(s->endpoint);
	while (n > 0 && s->endpoint[n - 1] == '/')
		s->endpoint[--n] = '\0';
}

int
s3_complete(struct s3 *s, const char *site)
{
	take_env(&s->endpoint, "AWS_ENDPOINT_URL_S3");
	take_env(&s->endpoint, "AWS_ENDPOINT_URL");
	take_env(&s->region, "AWS_REGION");
	take_env(&s->region, "AWS_DEFAULT_REGION");
	if (getenv("AWS_ACCESS_KEY_ID")) {
		take_env(&s->access_key, "AWS_ACCESS_KEY_ID");
		take_env(&s->secret_key, "AWS_SECRET_ACCESS_KEY");
		take_env(&s->session_token, "AWS_SESSION_TOKEN");
	}
	if (read_settings(s, site) < 0 || (!s->access_key && read_secret(s, site) < 0))
		return -1;
	if (!s->access_key || !s->secret_key) {
		log_error("no credentials for S3: expected AWS_ACCESS_KEY_ID and "
			  "AWS_SECRET_ACCESS_KEY, or %s/secrets/s3.json with AccessKeyId and "
			  "SecretAccessKey",
			site);
		return -1;
	}
	if (!s->region)
		s->region = xstrdup("us-east-1");
	choose_style(s);
	if (strncmp(s->endpoint, "http://", 7) == 0 || strncmp(s->endpoint, "https://", 8) == 0)
		return 0;
	log_error("the S3 endpoint is no URL: expected http:// or https://, not \"%s\"",
		s->endpoint);
	return -1;
}

void
s3_release(struct s3 *s)
{
	char **all[] = {&s->bucket, &s->prefix, &s->kms_key, &s->endpoint, &s->region,
		&s->access_key, &s->secret_key, &s->session_token};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		free(*all[i]);
	*s = (struct s3){0};
}

void
s3_url(const struct s3 *s, struct str key, struct buf *out)
{
	const char *host = strstr(s->endpoint, "://") + 3;
	if (s->path_style)
		buf_addf(out, "%s/%s/", s->endpoint, s->bucket);
	else
		buf_addf(out, "%.*s%s.%s/", (int)(host - s->endpoint), s->endpoint, s->bucket,
			host);
	http_escape(out, key, "/");
}

static void
add_element(struct str document, const char *open, const char *end, struct buf *out)
{
	const char *p = memmem(document.p, document.n, open, strlen(open));
	if (!p)
		return;
	struct str rest = str_skip(document, (size_t)(p - document.p) + strlen(open));
	const char *q = memmem(rest.p, rest.n, end, strlen(end));
	size_t n = q ? (size_t)(q - rest.p) : 0;
	if (n == 0)
		return;
	if (out->n)
		buf_addstr(out, ": ");
	buf_add(out, rest.p, n < 200 ? n : 200);
}

void
s3_error(struct str document, struct buf *out)
{
	if (!document.n)
		return;
	add_element(document, "<Code>", "</Code>", out);
	add_element(document, "<Message>", "</Message>", out);
}
