package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// room bounds how long files of processes may become, as a full disk does: what would be written beyond it is refused. A mount of a small
// disk would need rights that few machines give to tests; this needs to be whoever the processes are.
func (s *scene) room(bound string, owner *syscall.Stat_t, pids ...int) {
	s.t.Helper()
	for _, pid := range pids {
		command := exec.CommandContext(s.t.Context(), "prlimit", "--pid", fmt.Sprint(pid), "--fsize="+bound+":") // of util-linux
		if owner.Uid != uint32(os.Getuid()) {
			command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
		}
		if output, err := command.CombinedOutput(); err != nil && !strings.Contains(string(output), "No such process") { // it has ended since
			s.t.Fatalf("prlimit: %v: %s", err, output)
		}
	}
}

const unbounded = "unlimited"

// noRoomForFiles fills the folder for files: an upload says so, leaves nothing behind, and works once there is room. Nobody else notices.
func (s *scene) noRoomForFiles() {
	s.t.Helper()
	lesson := s.lines("SELECT '/acme/courses/' || course_id || '/lessons/' || id FROM lesson")[0]
	owner := newVisitor(s.t)
	owner.client.Jar = s.crowd.owner.client.Jar
	file := bytes.Repeat([]byte("a workbook "), 200_000)
	mine := ownerOf(s.t, s.variables["DATA_DIR"])
	s.room("100000", mine, s.web.command.Process.Pid)
	owner.open(s.admin(lesson)).attach(lesson+"/files", "workbook.txt", file)
	if owner.status < 400 {
		s.t.Errorf("a file that there is no room for is taken: %s %s", owner.at, owner.page)
	}
	if owner.status != http.StatusUnprocessableEntity {
		_ = s.crowd.clean(owner) // which complains
	}
	s.crowd.worksAgain()
	if n := len(s.lines("SELECT file_id::text FROM lesson_file")); n != 0 {
		s.t.Errorf("%d files are there, in part", n)
	}
	s.room(unbounded, mine, s.web.command.Process.Pid)
	owner.open(s.admin(lesson)).attach(lesson+"/files", "workbook.txt", file)
	if owner.status != http.StatusOK || len(s.lines("SELECT file_id::text FROM lesson_file")) != 1 {
		s.t.Errorf("there is room, and it is not taken: %d %s", owner.status, owner.page)
	}
}

// noRoomForDatabase fills PostgreSQL's disk: it stops as it must when it cannot write its log, and when there is room again everything that it
// had confirmed is there.
func (s *scene) noRoomForDatabase() {
	s.t.Helper()
	postmaster, postgres := s.postmaster(), ownerOf(s.t, filepath.Join(s.postgres.Dir, "cluster"))
	s.room("300000", postgres, append(s.backends(postmaster), postmaster)...) // less than a segment of its log
	s.crowd.tried(10)
	s.room(unbounded, postgres, append(s.backends(postmaster), postmaster)...)
	s.answers()
}

// answers waits until PostgreSQL does, started anew where it has ended.
func (s *scene) answers() {
	s.t.Helper()
	until(s.t, time.Minute, "the database answers", func() bool {
		select {
		case <-s.server.Done():
			s.postgresStops()
			s.postgresStarts()
		default:
		}
		return s.db.Ping(s.t.Context()) == nil
	})
}
