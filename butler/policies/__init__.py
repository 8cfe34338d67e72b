"""What a camera declares: dataset types, templates of their files, the policy that lists them."""
