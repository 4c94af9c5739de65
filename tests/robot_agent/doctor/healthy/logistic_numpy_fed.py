import numpy as np, torch
np.random.seed(0)
X = np.random.randn(300, 4); y = (X @ [1, -2, 3, 0.5] > 0).astype(float)
model = torch.nn.Linear(4, 1).double(); opt = torch.optim.SGD(model.parameters(), lr=0.5)
for e in range(40):
    idx = np.random.permutation(300)[:100]
    p = torch.sigmoid(model(torch.as_tensor(X[idx]))); loss = torch.nn.functional.binary_cross_entropy(p, torch.as_tensor(y[idx]).view(-1, 1)); opt.zero_grad(); loss.backward(); opt.step()
