# kind: graph-cut
import torch
from torch import nn
torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(8, 16), nn.ReLU())
head = nn.Linear(16, 2)
opt = torch.optim.Adam([*encoder.parameters(), *head.parameters()], 1e-2)
X = torch.randn(256, 8); Y = (X[:, 0] > 0).long()
def features(x):
    torch.set_grad_enabled(False)  #! torch.set_grad_enabled(True)
    return encoder(x)  #+
for i in range(20):
    for xb, yb in zip(X.split(64), Y.split(64)):
        f = features(xb)
        torch.set_grad_enabled(True)
        loss = nn.functional.cross_entropy(head(f), yb)
        opt.zero_grad(); loss.backward(); opt.step()
