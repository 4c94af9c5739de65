import torch
torch.manual_seed(0)
means = torch.tensor([0.1, 0.5, 0.9]); prefs = torch.zeros(3, requires_grad=True); opt = torch.optim.SGD([prefs], lr=0.1); base = 0.0
for t in range(200):
    d = torch.distributions.Categorical(logits=prefs); a = d.sample(); r = (means[a] + 0.3 * torch.randn(())).item()
    loss = -d.log_prob(a) * (r - base); opt.zero_grad(); loss.backward(); opt.step(); base += 0.05 * (r - base)
