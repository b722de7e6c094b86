/* commands.h: the subcommands of mm-queue.  Each takes its own arguments, argv[0]
 * being its name, and returns the exit status. */
#ifndef MM_QUEUE_COMMANDS_H
#define MM_QUEUE_COMMANDS_H

int command_add(int argc, char **argv);
int command_run(int argc, char **argv);
int command_list(int argc, char **argv);
int command_show(int argc, char **argv);
int command_stat(int argc, char **argv);
int command_retry(int argc, char **argv);
int command_hold(int argc, char **argv);
int command_release(int argc, char **argv);
int command_remove(int argc, char **argv);

#endif
