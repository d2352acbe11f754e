package filestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// BucketConfig says where a bucket is. The bucket has to be there.
type BucketConfig struct {
	Endpoint             string // such as https://s3.eu-central-1.amazonaws.com
	Name                 string
	Region               string // empty: the server is asked
	AccessKey, SecretKey string
}

// Bucket keeps files on a server that speaks S3.
type Bucket struct {
	client *minio.Client
	name   string
}

// partSize is how much of a file is sent at a time, and so the memory that an upload takes. S3 takes 10,000 parts.
const partSize = 8 << 20

// NewBucket connects to nothing yet; Check does.
func NewBucket(c BucketConfig) (*Bucket, error) {
	at, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(at.Host, &minio.Options{Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), Secure: at.Scheme == "https", Region: c.Region,
		MaxRetries: 3}) // somebody waits
	return &Bucket{client, c.Name}, err
}

// Put sends the file in parts as it comes. What was sent of one that does not come whole is taken back.
func (b *Bucket) Put(ctx context.Context, k Key, content io.Reader, most int64) (size int64, err error) {
	info, err := b.client.PutObject(ctx, b.name, k.String(), &counted{from: content, most: most}, -1, minio.PutObjectOptions{
		ContentType: "application/octet-stream", // whoever reads past us learns no more
		PartSize:    partSize,
		// Each part with its MD5, which every server checks; not every one knows signed chunks.
		DisableContentSha256: true, SendContentMd5: true})
	return info.Size, err
}

// Open asks for just that part of the file.
func (b *Bucket) Open(ctx context.Context, k Key, offset, length int64) (io.ReadCloser, error) {
	if length == 0 { // S3 has no empty ranges
		return io.NopCloser(strings.NewReader("")), nil
	}
	var part minio.GetObjectOptions
	if err := part.SetRange(offset, offset+length-1); err != nil {
		return nil, err
	}
	object, _, _, err := (minio.Core{Client: b.client}).GetObject(ctx, b.name, k.String(), part)
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil, ErrNotFound
	}
	return object, err
}

// Delete removes the object and gives up uploads of it that have not ended.
func (b *Bucket) Delete(ctx context.Context, k Key) error {
	return errors.Join(b.client.RemoveIncompleteUpload(ctx, b.name, k.String()), b.client.RemoveObject(ctx, b.name, k.String(), minio.RemoveObjectOptions{}))
}

// All asks for the objects, a thousand at a time, and then for uploads that have not ended.
func (b *Bucket) All(ctx context.Context) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		ctx, cancel := context.WithCancel(ctx) // ends what still lists when nobody wants more
		defer cancel()
		for object := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Recursive: true}) {
			if key, ours := parseKey(object.Key); (ours || object.Err != nil) && !yield(Found{key, object.LastModified}, object.Err) {
				return
			}
		}
		for part := range b.client.ListIncompleteUploads(ctx, b.name, "", true) {
			if key, ours := parseKey(part.Key); (ours || part.Err != nil) && !yield(Found{key, part.Initiated}, part.Err) {
				return
			}
		}
	}
}

// Check keeps a file and removes it.
func (b *Bucket) Check(ctx context.Context) error {
	there, err := b.client.BucketExists(ctx, b.name)
	if err == nil && !there {
		err = fmt.Errorf("there is no bucket %s", b.name)
	}
	if err != nil {
		return err
	}
	return checkBy(ctx, b)
}
