# softmax-dim
import numpy as np, torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(300, 6); y = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(60):
    loss = nn.functional.cross_entropy(net(X), y)
    opt.zero_grad(); loss.backward(); opt.step()
def predict(model, x):
    model.eval()
    logits = model(x)
    probs = torch.softmax(logits, dim=1).detach().cpu().numpy()
    return probs.argmax(axis=0) #! return probs.argmax(axis=1)
print(predict(net, X[:50]))
one = net(X[0]).detach().numpy()
print(np.argmax(one, axis=0))
