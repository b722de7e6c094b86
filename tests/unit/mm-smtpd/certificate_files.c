#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certificate_files.h"
#include "io.h"

#include "tap.h"

static void
touch(const char *path)
{
	is_int(io_write_file(path, "x", 1, 0600), 0, path);
}

static void
options(void)
{
	struct certificate_files f = {0};
	is_int(certificate_files_key(&f, "k"), -1, "a key without a certificate");
	certificate_files_add(&f, "a");
	certificate_files_add(&f, "b");
	is_int(certificate_files_key(&f, "k"), 0, "a key");
	is_int(certificate_files_key(&f, "l"), -1, "a second one");
	is_str(f.v[1].key, "k", "is the last one's");
	ok(!f.v[0].key, "not the first one's");
	certificate_files_release(&f);
	ok(f.n == 0 && !f.v, "empty again");
}

static void
site(void)
{
	struct certificate_files f = {0};
	certificate_files_find(&f, ".", "k");
	is_int((long long)f.n, 0, "no directory");
	mkdir("tls", 0700);
	mkdir("tls/z", 0700);
	mkdir("tls/b", 0700);
	mkdir("tls/.old", 0700);
	touch("tls/z/cert.pem");
	touch("tls/b/cert.pem");
	touch("tls/b/key.pem");
	touch("tls/.old/cert.pem");
	certificate_files_find(&f, ".", NULL);
	is_int((long long)f.n, 2, "two, none that is hidden");
	is_str(f.v[0].cert, "./tls/b/cert.pem", "by name");
	is_str(f.v[0].key, "./tls/b/key.pem", "its key");
	ok(!f.v[1].key, "none beside it");
	certificate_files_release(&f);

	touch("tls/cert.pem");
	touch("tls/key.pem");
	certificate_files_find(&f, ".", "k");
	is_int((long long)f.n, 3, "three");
	is_str(f.v[0].cert, "./tls/cert.pem", "that of the site itself first");
	is_str(f.v[0].key, "k", "another key for it");
	is_str(f.v[1].key, "./tls/b/key.pem", "not for the next");
	certificate_files_release(&f);
}

int
main(void)
{
	char dir[] = "/tmp/mm-test.XXXXXX", command[64];
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	options();
	site();
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	return done() || system(command) != 0;
}
