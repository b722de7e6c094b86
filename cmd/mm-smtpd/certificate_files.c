#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "certificate_files.h"
#include "mem.h"

void
certificate_files_add(struct certificate_files *f, const char *cert)
{
	f->v = xrealloc(f->v, (f->n + 1) * sizeof(*f->v));
	f->v[f->n++] = (struct certificate_file){.cert = xstrdup(cert)};
}

int
certificate_files_key(struct certificate_files *f, const char *key)
{
	if (f->n == 0 || f->v[f->n - 1].key)
		return -1;
	f->v[f->n - 1].key = xstrdup(key);
	return 0;
}

static void
add_from(struct certificate_files *f, const char *site, const char *name)
{
	char *cert = xasprintf("%s/tls/%scert.pem", site, name);
	char *key = xasprintf("%s/tls/%skey.pem", site, name);
	if (access(cert, F_OK) == 0) {
		certificate_files_add(f, cert);
		if (access(key, F_OK) == 0)
			(void)certificate_files_key(f, key);
	}
	free(cert);
	free(key);
}

static int
is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

void
certificate_files_find(struct certificate_files *f, const char *site, const char *key)
{
	struct dirent **names = NULL;
	char *dir = xasprintf("%s/tls", site);
	int n = scandir(dir, &names, is_visible, alphasort);
	add_from(f, site, "");
	for (int i = 0; i < n; i++) {
		char *name = xasprintf("%s/", names[i]->d_name);
		add_from(f, site, name);
		free(name);
		free(names[i]);
	}
	free(names);
	free(dir);
	if (key && f->n) {
		free(f->v[0].key);
		f->v[0].key = xstrdup(key);
	}
}

void
certificate_files_release(struct certificate_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].cert);
		free(f->v[i].key);
	}
	free(f->v);
	*f = (struct certificate_files){0};
}
