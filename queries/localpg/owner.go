package localpg

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// owner is the system user PostgreSQL runs as. PostgreSQL refuses to run as
// root, so root lends it another one; nil means the current user.
type owner struct{ credential *syscall.Credential }

// ownerOf chooses the owner for a cluster: the current user; as root the one
// who has the cluster already, else postgres, else nobody.
func ownerOf(cluster string) (owner, error) {
	if os.Geteuid() != 0 {
		return owner{}, nil
	}
	if info, err := os.Stat(cluster); err == nil {
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 {
			return owner{&syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return owner{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
		}
	}
	return owner{}, errors.New("PostgreSQL does not run as root and this machine has neither a user postgres nor a user nobody")
}

// attributes make a child run as the owner, in a process group of its own and
// no longer than this program. The group keeps Ctrl-C from it: the terminal
// sends that to the whole group, and the database has to outlive the requests
// that are still being answered. death is the signal it gets when we die.
func (o owner) attributes(death syscall.Signal) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Credential: o.credential, Setpgid: true}
	setDeathSignal(attributes, death)
	return attributes
}

// makeDir makes a folder that only the owner can enter. It must not exist yet:
// in a shared folder a stranger could have put it there.
func (o owner) makeDir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return o.own(path)
}

// own gives a path to the owner.
func (o owner) own(path string) error {
	if o.credential == nil {
		return nil
	}
	return os.Lchown(path, int(o.credential.Uid), int(o.credential.Gid))
}

// canEnter reports whether the owner reaches dir through all its parents. It is
// tried out and not computed, since mode bits are not the whole truth.
func (o owner) canEnter(dir string) bool {
	if o.credential == nil {
		return true
	}
	probe := exec.Command("/bin/sh", "-c", ":")
	probe.Dir = dir
	probe.SysProcAttr = &syscall.SysProcAttr{Credential: o.credential}
	return probe.Run() == nil
}
