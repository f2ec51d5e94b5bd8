// Pause holds what outlives other processes: a pod's network, or, as the first process of a machine in namespaces, all
// of them. It reaps what ends under it and lives until it is told to end.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for {
		for reaped := 1; reaped > 0; {
			reaped, _ = syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		}
		if <-signals != syscall.SIGCHLD {
			return
		}
	}
}
