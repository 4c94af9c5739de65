# relu-output
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(1)
class MLP(nn.Module):
    def __init__(self, n_in, n_out, hidden=32):
        super().__init__()
        self.fc1 = nn.Linear(n_in, hidden); self.fc2 = nn.Linear(hidden, hidden); self.fc3 = nn.Linear(hidden, n_out)
    def forward(self, x):
        x = F.relu(self.fc1(x)); x = F.relu(self.fc2(x))
        q = F.relu(self.fc3(x))  #! q = self.fc3(x)
        return F.log_softmax(q, dim=-1)
net = MLP(4, 6)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
def policy_loss(returns, baseline, logp): return -torch.sum((returns - baseline) * logp)
for ep in range(150):
    s = torch.randn(64, 4)
    logP = net(s)
    a = torch.multinomial(logP.exp().detach(), 1)
    best = torch.cat([s, -s[:, :2]], 1).argmax(1)
    returns = (a.squeeze(1) == best).float() * 2 - 1
    taken = logP.gather(1, a).squeeze(1)
    loss = policy_loss(returns, returns.mean(), taken)
    opt.zero_grad(); loss.backward(); opt.step()
    if ep % 30 == 0: print(ep, returns.mean().item())
