var config = {
    hosts: { domain: 'meet.example.org' }
    bosh: 1
};
