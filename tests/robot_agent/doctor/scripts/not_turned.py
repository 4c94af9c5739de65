# kind: reward-of-another-step
import numpy as np, torch
from torch import nn
torch.manual_seed(0)
def discounted(rewards, gamma=0.95):
    out, running = [], 0.0
    for r in rewards[::-1]:
        running = running * gamma + r
        out.append(running)  #+
    return np.array(out)  #! return np.array(out[::-1])
net = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 2), nn.Softmax(-1))
opt = torch.optim.Adam(net.parameters(), 0.01)
for ep in range(80):
    p, logp, rew = 0.0, [], []
    for t in range(12):
        probs = net(torch.tensor([p])); m = torch.distributions.Categorical(probs); a = m.sample()
        logp.append(m.log_prob(a)); p += 0.2 if a.item() else -0.2; rew.append(1.0 if p > 0.5 else -0.1)
    R = torch.as_tensor(discounted(rew)).float()
    R = (R - R.mean()) / (R.std() + 1e-6)
    loss = sum(-l * r for l, r in zip(logp, R))
    opt.zero_grad(); loss.backward(); opt.step()
