import torch
from torch import nn
torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2), nn.Softmax(dim=-1))
opt = torch.optim.Adam(policy.parameters(), lr=0.01)
for ep in range(150):
    log_probs, rewards = [], []
    s = torch.rand(2)
    for t in range(8):
        probs = policy(s)
        a = torch.multinomial(probs, 1).item()
        log_probs.append(torch.log(probs[a]))
        rewards.append(1.0 if a == int(s[0] > s[1]) else 0.0)
        s = torch.rand(2)
    loss = 0
    for lp, r in zip(log_probs, rewards):
        loss = loss - lp * r
    opt.zero_grad(); loss.backward(); opt.step()
