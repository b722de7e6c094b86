#include <stdlib.h>

#include "commands.h"
#include "mail_archive.h"

bool
each_archive(const struct options *o, char **operands, archive_command *run)
{
	bool good = true;
	char **names;
	size_t n;
	for (char **name = operands; *name; name++)
		good = run(o, *name) && good;
	if (operands[0])
		return good;
	if (mail_archive_names(o->site, &names, &n) < 0)
		good = false;
	for (size_t i = 0; i < n; i++) {
		good = run(o, names[i]) && good;
		free(names[i]);
	}
	free(names);
	return good;
}
