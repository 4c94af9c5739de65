# kind: softmax-twice
import torch, torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
W1 = nn.Parameter(torch.randn(6, 20) * 0.3); W2 = nn.Parameter(torch.randn(20, 3) * 0.3)
opt = torch.optim.Adam([W1, W2], lr=0.01)
def net(x): return torch.softmax(torch.relu(x @ W1) @ W2, dim=1)  #! def net(x): return torch.relu(x @ W1) @ W2
X = torch.randn(200, 6); Y = X[:, :3].argmax(1)
for i in range(60):
    loss = F.cross_entropy(net(X), Y)  #+
    opt.zero_grad(); loss.backward(); opt.step()
