# gradients are switched off for the test and never on again; kind: graph-cut
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
net = nn.Linear(4, 2); opt = torch.optim.SGD(net.parameters(), 0.1)
x = torch.randn(100, 4); y = (x[:, 0] > 0).long()
def evaluate():
    torch.set_grad_enabled(False)  #!-
    return (net(x).argmax(1) == y).float().mean().item()
for e in range(10):
    loss = F.cross_entropy(net(x), y)  #+
    opt.zero_grad(); loss.backward(); opt.step()
    print(evaluate())
